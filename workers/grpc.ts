import { parentPort, workerData } from 'node:worker_threads';
import { GrpcServer } from '../src/fronts/grpc/grpc-server.js';
import { type FromThread, grpcSettingsSchema, toThreadSchema } from '../src/fronts/grpc/messages.js';

/** The gRPC front: HTTP/2, protobuf, health and reflection. The main thread answers the calls. */
const port = parentPort;
if (port === null) throw new Error('workers/grpc.ts runs in a thread. This is a bug.');
const send = (message: FromThread): void => port.postMessage(message);
const server = new GrpcServer(grpcSettingsSchema.parse(workerData), port);

port.on('message', (data: unknown) => {
  const message = toThreadSchema.parse(data);
  if (message.kind === 'close') {
    server.close();
    port.close();
  } else if (message.kind === 'health') server.setHealth(message.isServing);
  else server.settle(message);
});

server.listen().then(
  (bound) => send({ kind: 'listening', port: bound }),
  (error: unknown) => {
    send({ kind: 'failed', message: String(error) });
    port.close();
  },
);
