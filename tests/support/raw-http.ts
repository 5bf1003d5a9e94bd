import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface RawAnswer {
  /** Everything that the server sent. */
  readonly text: string;
  /** Status of each answer, in order. */
  readonly statuses: readonly number[];
  readonly isClosed: boolean;
}

/** Sends bytes over a connection of its own, as no HTTP client would, and reads until the server closes it or nothing has
 * come for a while. */
export function sendRaw(port: number, bytes: string | Buffer, quietMs = 300): Promise<RawAnswer> {
  return exchange(port, [bytes], quietMs);
}

/** The same of several writes, which arrive as separate reads. */
export function sendInParts(port: number, parts: readonly string[]): Promise<RawAnswer> {
  return exchange(port, parts, 300);
}

function exchange(port: number, parts: readonly (string | Buffer)[], quietMs: number): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    const finish = (isClosed: boolean): void => {
      socket.destroy();
      const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
      resolve({ text, statuses, isClosed });
    };
    socket.setTimeout(quietMs, () => finish(false));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', reject);
    socket.on('close', () => finish(true));
    socket.setNoDelay();
    void sendAll(socket, parts);
  });
}

async function sendAll(socket: Socket, parts: readonly (string | Buffer)[]): Promise<void> {
  for (const [place, part] of parts.entries()) {
    if (place > 0) await sleep(50);
    socket.write(part);
  }
}
