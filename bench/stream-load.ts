/* Puts load on `/api/stream`: raw sockets and frames that are made once, so that the load generator needs little CPU time. */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeRequest } from '../clients/typescript/src/frames.js';

export interface StreamLoad {
  readonly port: number;
  readonly connections: number;
  /** Of each connection. */
  readonly framesInFlight: number;
  readonly format: 'file' | 'pixels';
  /** Images of each frame. */
  readonly images: number;
  readonly bytes: Uint8Array;
  readonly seconds: number;
}

export interface StreamLoadResult {
  readonly framesPerSecond: number;
  /** Answers with an error. */
  readonly failures: number;
}

const BINARY_FRAME = 0x82;
/** Of an answer's header: type and id. */
const ID_AT = 4;
const ANSWER = 1;

/** A frame of a client, with a mask of zeros. */
function masked(payload: Uint8Array): { frame: Buffer; payloadAt: number } {
  const payloadAt = 14;
  const frame = Buffer.alloc(payloadAt + payload.length);
  frame.set([BINARY_FRAME, 0xff]);
  frame.writeBigUInt64BE(BigInt(payload.length), 2);
  frame.set(payload, payloadAt);
  return { frame, payloadAt };
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true);
  const key = randomBytes(16).toString('base64');
  socket.write(
    `GET /api/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: fovea.bin.v1\r\n\r\n`,
  );
  return socket;
}

/** Calls `onMessage` with the bytes of each message. */
function readMessages(socket: Socket, onMessage: (message: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  let isUpgraded = false;
  socket.on('data', (chunk: Buffer) => {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    if (!isUpgraded) {
      const end = bytes.indexOf('\r\n\r\n');
      if (end >= 0) {
        isUpgraded = true;
        bytes = bytes.subarray(end + 4);
      }
    }
    for (let frame = isUpgraded ? frameAt(bytes) : undefined; frame !== undefined; frame = frameAt(bytes)) {
      if (bytes[0] === BINARY_FRAME) onMessage(bytes.subarray(frame.start, frame.end));
      bytes = bytes.subarray(frame.end);
    }
    rest = Buffer.from(bytes);
  });
}

/** @returns undefined while the frame is incomplete */
function frameAt(bytes: Buffer): { start: number; end: number } | undefined {
  if (bytes.length < 10) return undefined;
  const short = bytes.readUInt8(1);
  const start = short === 127 ? 10 : short === 126 ? 4 : 2;
  const length =
    short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short;
  const end = start + length;
  return end > bytes.length ? undefined : { start, end };
}

/** Keeps `framesInFlight` requests in flight on each connection. */
export async function streamLoad(load: StreamLoad): Promise<StreamLoadResult> {
  const { port, connections, framesInFlight, format, images, bytes, seconds } = load;
  let answers = 0;
  let failures = 0;
  const sockets: Socket[] = [];
  for (let connection = 0; connection < connections; connection++) {
    const socket = await open(port);
    sockets.push(socket);
    const { frame, payloadAt } = masked(encodeRequest({ id: 1, format, images, bytes }));
    let id = 0;
    const send = (): void => {
      id += 1;
      const next = Buffer.from(frame);
      next.writeUInt32LE(id, payloadAt + ID_AT);
      socket.write(next);
    };
    readMessages(socket, (message) => {
      const isGreeting = message.readUInt32LE(ID_AT) === 0;
      if (isGreeting) for (let sent = 0; sent < framesInFlight; sent++) send();
      else {
        answers += 1;
        if (message[0] !== ANSWER) failures += 1;
        send();
      }
    });
  }
  await sleep(200);
  const before = answers;
  const startedMs = performance.now();
  await sleep(seconds * 1000);
  const framesPerSecond = ((answers - before) * 1000) / (performance.now() - startedMs);
  for (const socket of sockets) socket.destroy();
  return { framesPerSecond, failures };
}
