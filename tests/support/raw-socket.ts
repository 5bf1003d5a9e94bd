import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/** A client's frame with a mask of zeros, so that its payload is legible. */
export function clientFrame(payload: Uint8Array, opcode = 0x2): Buffer {
  const length = payload.length;
  if (length > 0xffff) throw new RangeError('Longer frames are not needed.');
  const head = Buffer.alloc(length < 126 ? 6 : 8);
  head[0] = 0x80 | opcode;
  if (length < 126) head[1] = 0x80 | length;
  else {
    head[1] = 0x80 | 126;
    head.writeUInt16BE(length, 2);
  }
  return Buffer.concat([head, payload]);
}

/** Opens a WebSocket by hand and does not read from it: what no WebSocket client would do. */
export function openUnread(port: number, protocol: string, headers = ''): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', reject);
    const key = randomBytes(16).toString('base64');
    socket.write(
      `GET /api/stream HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ${protocol}\r\n${headers}\r\n`,
    );
    socket.once('data', () => {
      socket.pause();
      socket.off('error', reject);
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}
