/** The part of the browser's WebSocket that this library uses; the package `ws` has it too. */
export interface SocketLike {
  binaryType: string;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
}

export type SocketConstructor = new (url: string, protocols: string[]) => SocketLike;

/** The platform's own WebSocket; on Node 20, which has none, that of the package `ws`.
 * @throws Error when `ws` is needed and not installed */
export async function defaultSocket(): Promise<SocketConstructor> {
  const { WebSocket: own } = globalThis as { WebSocket?: SocketConstructor };
  return own ?? (await import('ws')).WebSocket;
}
