import type { Socket } from '../socket.js';
import type { ServerMessage } from './codec.js';

/** Hears what becomes of one message. A message to a client that has gone counts as sent and read. */
export interface Delivery {
  sent(): void;
  /** The client has taken it from the socket. */
  read(): void;
}

interface Outgoing {
  readonly message: ServerMessage;
  readonly delivery: Delivery | undefined;
}

/** Collects the messages of one event-loop turn and sends them by one system call. Cuts the connection of a client that reads
 * too slowly. */
export class Outbox {
  readonly #socket: Socket;
  readonly #maxMessages: number;
  #outgoing: Outgoing[] = [];
  #unread: Outgoing[] = [];
  #isFlushing: boolean = false;

  /** @param maxMessages of one event-loop turn. A client that causes more floods the server with wrong messages: it is cut
   * off, because answering all that one read has brought would hold up all others. */
  constructor(socket: Socket, maxMessages: number) {
    this.#socket = socket;
    this.#maxMessages = maxMessages;
  }

  /** Whether all messages were sent. */
  get isEmpty(): boolean {
    return this.#outgoing.length === 0;
  }

  add(message: ServerMessage, delivery?: Delivery): void {
    this.#outgoing.push({ message, delivery });
    if (this.#outgoing.length > this.#maxMessages) this.#socket.cut();
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    setImmediate(() => this.#flush());
  }

  /** The client has read all that was queued for it, or has gone. */
  caughtUp(): void {
    const read = this.#unread;
    this.#unread = [];
    for (const { delivery } of read) delivery?.read();
  }

  #flush(): void {
    const outgoing = this.#outgoing;
    this.#outgoing = [];
    this.#isFlushing = false;
    let isTooSlow = false;
    this.#socket.cork(() => {
      for (const { message } of outgoing) isTooSlow ||= this.#socket.send(message) === 'dropped';
    });
    // A client that misses an answer would wait for it: a new connection is the smaller harm.
    if (isTooSlow) this.#socket.cut();
    for (const { delivery } of outgoing) delivery?.sent();
    this.#unread.push(...outgoing);
    // The kernel has taken everything, or the client has gone.
    if (this.#socket.queuedBytes === 0) this.caughtUp();
  }
}
