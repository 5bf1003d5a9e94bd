import type { LiveMessage } from '../../../../clients/typescript/src/answers/server.js';
import { accessKey, baseUrl } from '../../state/server.js';

const PROTOCOL = 'fovea.live.v1';
const MIN_PAUSE_MS = 500;
const MAX_PAUSE_MS = 10_000;
/** Close code of a server that does not take the key. */
const POLICY = 1008;

export type LiveState = 'connecting' | 'connected' | 'refused';

export interface LiveListener {
  readonly onMessage: (message: LiveMessage) => void;
  readonly onState: (state: LiveState) => void;
}

function isLive(value: unknown): value is LiveMessage {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    value.type === 'live' &&
    'queues' in value
  );
}

function parse(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Listens to `/api/live` until `close`, and connects again after each loss. */
export class LiveSocket {
  readonly #listener: LiveListener;
  #socket: WebSocket | undefined;
  #timer = 0;
  #failures = 0;
  #isClosed: boolean = false;

  constructor(listener: LiveListener) {
    this.#listener = listener;
    this.#connect();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#socket?.close(1000);
  }

  #connect(): void {
    const socket = new WebSocket(`${baseUrl.replace(/^http/, 'ws')}/api/live`, [PROTOCOL]);
    this.#socket = socket;
    socket.onopen = () => {
      if (accessKey.value !== '') socket.send(JSON.stringify({ type: 'authenticate', key: accessKey.value }));
    };
    socket.onmessage = ({ data }) => {
      const message = parse(data);
      if (!isLive(message) || this.#isClosed) return;
      this.#failures = 0;
      this.#listener.onState('connected');
      this.#listener.onMessage(message);
    };
    socket.onclose = ({ code }) => {
      if (this.#isClosed) return;
      if (code === POLICY) {
        this.#listener.onState('refused');
        return;
      }
      this.#listener.onState('connecting');
      const longestMs = Math.min(MAX_PAUSE_MS, MIN_PAUSE_MS * 2 ** this.#failures);
      this.#failures += 1;
      this.#timer = window.setTimeout(() => this.#connect(), longestMs * (0.5 + Math.random() / 2));
    };
  }
}
