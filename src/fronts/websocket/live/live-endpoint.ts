import { z } from 'zod';
import { FoveaError } from '../../../platform/errors.js';
import { parseJsonText } from '../../../platform/json-text.js';
import { refuseQuery } from '../../http/query.js';
import type { SocketHost } from '../../http/socket-host.js';
import { ERROR_STATUS } from '../../http/status.js';
import type { Conversation, SocketEndpoint, Upgrade } from '../endpoint.js';
import { CLOSE_CODE, type Socket } from '../socket.js';
import { type LiveSources, liveMessage } from './live-message.js';

const TOPIC = 'live';

export const LIVE_PROTOCOL = 'fovea.live.v1';

/** The only message of a client. */
const authenticateSchema = z.strictObject({ type: z.literal('authenticate'), key: z.string().min(1) });

export interface LiveOptions {
  readonly host: Pick<SocketHost, 'publish'>;
  readonly sources: LiveSources;
  readonly intervalMs: number;
  readonly authenticationTimeoutMs: number;
  /** For the log: a message could not be made. */
  readonly onProblem: (error: unknown) => void;
}

/** Publishes the state of the server to all listeners; computes nothing while there are none. */
class Broadcast {
  readonly #options: LiveOptions;
  #listeners = 0;
  #timer: NodeJS.Timeout | undefined;
  #isReading: boolean = false;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  /** The listener gets a message at once, as all others do. */
  add(): void {
    this.#listeners += 1;
    this.#timer ??= setInterval(() => void this.#publish(), this.#options.intervalMs).unref();
    void this.#publish();
  }

  remove(): void {
    this.#listeners -= 1;
    if (this.#listeners > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Skipped while the message before is still being made, as when the history is slow. Never rejects. */
  async #publish(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    const { host, sources, onProblem } = this.#options;
    try {
      const message = await liveMessage(sources);
      if (this.#listeners > 0) host.publish(TOPIC, message);
    } catch (error) {
      onProblem(error);
    } finally {
      this.#isReading = false;
    }
  }
}

/** One listener. */
class LiveConnection implements Conversation {
  readonly #socket: Socket;
  readonly #identity: Upgrade['identity'];
  readonly #broadcast: Broadcast;
  readonly #authenticationTimeoutMs: number;
  readonly #openedMs = performance.now();
  #isListening: boolean = false;

  constructor(
    socket: Socket,
    { identity }: Upgrade,
    broadcast: Broadcast,
    { authenticationTimeoutMs }: LiveOptions,
  ) {
    this.#socket = socket;
    this.#identity = identity;
    this.#broadcast = broadcast;
    this.#authenticationTimeoutMs = authenticationTimeoutMs;
    this.#listen();
  }

  received(message: ArrayBuffer, isBinary: boolean): void {
    try {
      this.#identity.authenticate(isBinary ? '' : keyIn(message));
      this.#listen();
    } catch (thrown) {
      const { code, message: error, details } = FoveaError.from(thrown);
      const { status } = ERROR_STATUS[code];
      this.#socket.send(JSON.stringify({ type: 'error', status, error, code, details }));
    }
  }

  caughtUp(): void {
    // A slow listener misses messages, and gets the next one.
  }

  /** Also ends a listener whose key was revoked. */
  tick(nowMs: number): void {
    if (this.#isListening && !this.#isAllowed())
      this.#socket.end(CLOSE_CODE.policy, 'the API key was revoked');
    else if (!this.#isListening && nowMs - this.#openedMs > this.#authenticationTimeoutMs)
      this.#socket.end(CLOSE_CODE.policy, 'no valid API key came in time');
  }

  drain(): void {
    this.#socket.end(CLOSE_CODE.goingAway, 'the server is shutting down');
  }

  closed(): void {
    if (this.#isListening) this.#broadcast.remove();
  }

  #listen(): void {
    if (this.#isListening || !this.#isAllowed()) return;
    this.#isListening = true;
    this.#socket.subscribe(TOPIC);
    this.#broadcast.add();
  }

  #isAllowed(): boolean {
    try {
      this.#identity.client();
      return true;
    } catch {
      return false;
    }
  }
}

/** @throws FoveaError `bad_request` */
function keyIn(message: ArrayBuffer): string {
  let value: unknown;
  try {
    value = parseJsonText(Buffer.from(message).toString());
  } catch {
    value = undefined;
  }
  const parsed = authenticateSchema.safeParse(value);
  if (parsed.success) return parsed.data.key;
  throw new FoveaError('bad_request', 'A message must be {"type": "authenticate", "key": "<API key>"}.');
}

/** `/api/live`: the state of the server, once an interval. */
export function liveEndpoint(options: LiveOptions): SocketEndpoint {
  const broadcast = new Broadcast(options);
  return {
    path: '/api/live',
    protocols: [LIVE_PROTOCOL],
    accept: (upgrade) => {
      refuseQuery(upgrade.query);
      return (socket) => new LiveConnection(socket, upgrade, broadcast, options);
    },
  };
}
