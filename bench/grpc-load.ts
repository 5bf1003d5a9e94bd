/* Puts load on `ModelInfer`: messages that are made once, over plain HTTP/2, so that the load generator needs little CPU time. */
import { type ClientHttp2Session, connect } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { encoded, SERVICE } from '../tests/support/grpc-caller.js';
import { framed } from '../tests/support/raw-grpc.js';

export interface GrpcLoad {
  readonly port: number;
  readonly connections: number;
  /** Of each connection. */
  readonly callsInFlight: number;
  /** Images of each call. */
  readonly images: number;
  /** uint8 `[images, height, width, channels]` */
  readonly pixels: Uint8Array;
  readonly shape: readonly number[];
  readonly seconds: number;
}

export interface GrpcLoadResult {
  readonly callsPerSecond: number;
  /** Calls with another status than OK. */
  readonly failures: number;
}

const HEADERS = {
  ':method': 'POST',
  ':path': `/${SERVICE}/ModelInfer`,
  'content-type': 'application/grpc',
  te: 'trailers',
};

/** Keeps `callsInFlight` calls in flight on each connection. */
export async function grpcLoad(load: GrpcLoad): Promise<GrpcLoadResult> {
  const { port, connections, callsInFlight, shape, pixels, seconds } = load;
  const message = framed(
    encoded('ModelInfer', {
      model_name: 'cifar10-cnn',
      inputs: [{ name: 'pixels', datatype: 'UINT8', shape: [...shape] }],
      raw_input_contents: [pixels],
    }),
  );
  let answers = 0;
  let failures = 0;
  let isOver: boolean = false;
  const call = (session: ClientHttp2Session): void => {
    if (isOver) return;
    const stream = session.request(HEADERS);
    let status: unknown;
    stream.on('trailers', (trailers) => {
      status = trailers['grpc-status'];
    });
    stream.on('error', () => undefined);
    stream.on('close', () => {
      answers += 1;
      if (status !== '0' && !isOver) failures += 1;
      call(session);
    });
    stream.resume();
    stream.end(message);
  };
  const sessions = Array.from({ length: connections }, () => connect(`http://127.0.0.1:${port}`));
  for (const session of sessions) for (let sent = 0; sent < callsInFlight; sent++) call(session);
  await sleep(200);
  const before = answers;
  const startedMs = performance.now();
  await sleep(seconds * 1000);
  const callsPerSecond = ((answers - before) * 1000) / (performance.now() - startedMs);
  isOver = true;
  for (const session of sessions) session.destroy();
  return { callsPerSecond, failures };
}
