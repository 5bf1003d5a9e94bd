import type { HttpResponse, WebSocketBehavior } from 'uWebSockets.js';
import type { Address } from '../front.js';
import type { Cors } from './cors.js';
import type { Reply } from './reply.js';

/** What WebSocket endpoints use of the HTTP front, whose port they share. */
export interface SocketHost {
  /** Undefined until the HTTP front is open. */
  readonly address: Address | undefined;
  readonly cors: Pick<Cors, 'allowsSocket'>;
  /** Registers an endpoint, with and without the base path. */
  mount<Data>(path: string, behavior: WebSocketBehavior<Data>): void;
  /** To be called before `res.upgrade`: the connection stays counted until the returned function is called. */
  upgrading(res: HttpResponse): () => void;
  /** Answers a request that is not upgraded, and closes its connection. */
  refuse(res: HttpResponse, reply: Reply, requestId: string): void;
  /** Sends one text message to every WebSocket that has subscribed to `topic`. */
  publish(topic: string, message: string): void;
}
