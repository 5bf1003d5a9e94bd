import http2, { type ServerHttp2Stream } from 'node:http2';

/** Calls `watch` with each stream of every HTTP/2 server that this thread creates from now on, before the server's owner gets
 * it. grpc-js creates its servers itself and shows no stream. For the gRPC thread only. */
export function watchHttp2Streams(watch: (stream: ServerHttp2Stream) => void): void {
  const { createServer, createSecureServer } = http2;
  Object.assign(http2, {
    createServer: (options: http2.ServerOptions) => createServer(options).on('stream', watch),
    createSecureServer: (options: http2.SecureServerOptions) =>
      createSecureServer(options).on('stream', watch),
  });
}
