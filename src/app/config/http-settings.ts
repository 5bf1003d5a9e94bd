import { integer, optionalPort, text } from './setting.js';

const MEBIBYTE = 1024 * 1024;

/** How the server speaks HTTP. */
export const http = {
  host: text('FOVEA_HOST', {
    aliases: ['HOST'],
    accepts: 'address or host name',
    fallback: '::',
    fallbackText: '`::`: every address of IPv6 and IPv4',
    meaning: 'Address to listen on; `127.0.0.1` accepts connections from this machine only.',
  }),
  port: integer('FOVEA_PORT', {
    aliases: ['PORT'],
    fallback: 5000,
    min: 0,
    max: 65_535,
    meaning: 'Port; 0 takes a free port and logs it.',
  }),
  sharedPort: optionalPort('FOVEA_SHARED_PORT', {
    fallback: 'off',
    meaning:
      'Port that several servers on this machine share: the kernel gives each connection to one of them. It has the endpoints whose answers do not depend on the server: predictions, models, health, and what is in the shared history. `FOVEA_PROCESSES` sets it.',
  }),
  grpcPort: optionalPort('FOVEA_GRPC_PORT', {
    fallback: 'off',
    meaning:
      'Port of gRPC (Open Inference Protocol), on `FOVEA_HOST`; Triton’s is 8001. 0 takes a free port and logs it.',
  }),
  grpcMaxStreams: integer('FOVEA_GRPC_MAX_STREAMS', {
    fallback: 128,
    min: 1,
    max: 100_000,
    unit: 'calls',
    meaning: 'Calls at once on one connection of gRPC; further ones wait.',
  }),
  grpcMaxConnections: integer('FOVEA_GRPC_MAX_CONNECTIONS', {
    fallback: 256,
    min: 1,
    max: 1_000_000,
    unit: 'connections',
    meaning:
      'Open connections of gRPC, beside `FOVEA_MAX_CONNECTIONS`; further ones are closed at once. One client may take `FOVEA_MAX_CLIENT_SHARE_PERCENT` of them.',
  }),
  maxBodyBytes: integer('FOVEA_MAX_BODY_BYTES', {
    aliases: ['MAX_CONTENT_LENGTH'],
    fallback: 16 * MEBIBYTE,
    min: 1024,
    max: 1024 * MEBIBYTE,
    unit: 'bytes',
    meaning: 'Largest request body; larger bodies get 413.',
  }),
  maxBufferedBytes: integer('FOVEA_MAX_BUFFERED_BYTES', {
    fallback: 512 * MEBIBYTE,
    min: 1024,
    max: 1024 * 1024 * MEBIBYTE,
    unit: 'bytes',
    meaning:
      'Memory for the bodies of all requests in flight; beyond it: 503. Messages of gRPC that have arrived in part may take as much again; beyond it: RESOURCE_EXHAUSTED.',
  }),
  maxRequestsInFlight: integer('FOVEA_MAX_REQUESTS_IN_FLIGHT', {
    fallback: 2048,
    min: 1,
    max: 1_000_000,
    unit: 'requests',
    meaning:
      'Requests in flight, where a batch counts once for each image. Further requests get 503 before their body is read, further batches after it. A batch of more images enters only while nothing else is in flight.',
  }),
  maxConnections: integer('FOVEA_MAX_CONNECTIONS', {
    fallback: 16_384,
    min: 1,
    max: 1_000_000,
    unit: 'connections',
    meaning: 'Open connections; further ones are closed at once. Each needs a file handle (`ulimit -n`).',
  }),
  maxBatchImages: integer('FOVEA_MAX_BATCH_IMAGES', {
    fallback: 256,
    min: 1,
    max: 10_000,
    unit: 'images',
    meaning: 'Most images in one batch request.',
  }),
  maxJsonValues: integer('FOVEA_MAX_JSON_VALUES', {
    fallback: 1_000_000,
    min: 1000,
    max: 100_000_000,
    unit: 'values',
    meaning:
      'Most values in the JSON of a tensor, such as `/v2` and `/v1` take it; larger tensors get 413 and can be sent in binary.',
  }),
  maxListedClasses: integer('FOVEA_MAX_LISTED_CLASSES', {
    fallback: 20,
    min: 1,
    max: 65_535,
    unit: 'classes',
    meaning:
      'Classes up to which `all_probabilities` lists every one; models with more list the five likeliest.',
  }),
  requestTimeoutMs: integer('FOVEA_REQUEST_TIMEOUT_MS', {
    fallback: 10_000,
    min: 1,
    max: 3_600_000,
    unit: 'ms',
    meaning: 'Deadline of a prediction, from the last byte of its request; then 504.',
  }),
  bodyTimeoutMs: integer('FOVEA_BODY_TIMEOUT_MS', {
    fallback: 60_000,
    min: 1,
    max: 86_400_000,
    unit: 'ms',
    meaning:
      'Time for the body of a request to arrive; then 408. Uploads of training data have a limit of their own.',
  }),
  minBodyBytesPerSecond: integer('FOVEA_MIN_BODY_BYTES_PER_SECOND', {
    fallback: 1024,
    min: 0,
    max: MEBIBYTE,
    unit: 'bytes',
    meaning: 'Slowest rate of a request body, over 10 s; slower bodies get 408. 0 for no limit.',
  }),
  minAnswerBytesPerSecond: integer('FOVEA_MIN_ANSWER_BYTES_PER_SECOND', {
    fallback: 16 * 1024,
    min: 0,
    max: 1024 * MEBIBYTE,
    unit: 'bytes',
    meaning:
      'Slowest rate at which a client may read an export, over 30 s; slower connections are closed. 0 for no limit.',
  }),
  maxExports: integer('FOVEA_MAX_EXPORTS', {
    fallback: 8,
    min: 1,
    max: 1000,
    unit: 'exports',
    meaning: 'Exports of predictions at once; each holds some 100 kB, and all share one reader thread.',
  }),
  maxDiscardedBytes: integer('FOVEA_MAX_DISCARDED_BYTES', {
    fallback: 64 * MEBIBYTE,
    min: 0,
    max: 1024 * 1024 * MEBIBYTE,
    unit: 'bytes',
    meaning:
      'Part of a refused body that is read and ignored, for at most 5 s, so that clients read the answer instead of a reset connection.',
  }),
  maxClientSharePercent: integer('FOVEA_MAX_CLIENT_SHARE_PERCENT', {
    fallback: 50,
    min: 1,
    max: 100,
    unit: 'percent',
    meaning:
      'Part of `FOVEA_MAX_REQUESTS_IN_FLIGHT`, `FOVEA_MAX_BUFFERED_BYTES`, `FOVEA_MAX_CONNECTIONS` and `FOVEA_MAX_EXPORTS` that one client may take; beyond it: 429, or a closed connection.',
  }),
  keepAliveTimeoutMs: integer('FOVEA_KEEP_ALIVE_TIMEOUT_MS', {
    fallback: 75_000,
    min: 4000,
    max: 900_000,
    unit: 'ms',
    meaning:
      'How long an idle connection stays open; must be longer than the idle timeout of load balancers (60 s), or they answer 502.',
  }),
  shutdownDelayMs: integer('FOVEA_SHUTDOWN_DELAY_MS', {
    fallback: 0,
    min: 0,
    max: 3_600_000,
    unit: 'ms',
    meaning:
      'After SIGTERM the readiness probe fails at once, and requests are still served for this time, until load balancers have noticed.',
  }),
  drainTimeoutMs: integer('FOVEA_DRAIN_TIMEOUT_MS', {
    fallback: 25_000,
    min: 0,
    max: 3_600_000,
    unit: 'ms',
    meaning: 'Time for requests in flight to finish after SIGTERM.',
  }),
  closeTimeoutMs: integer('FOVEA_CLOSE_TIMEOUT_MS', {
    fallback: 5000,
    min: 1,
    max: 3_600_000,
    unit: 'ms',
    meaning: 'Time for each part of the server to close; the log names a part that takes longer.',
  }),
  basePath: text('FOVEA_BASE_PATH', {
    accepts: 'path, such as `/fovea`',
    fallback: '',
    fallbackText: 'none',
    meaning:
      'Path prefix of a reverse proxy. The server answers with and without it, and puts it in front of its links.',
  }),
  tlsCert: text('FOVEA_TLS_CERT', {
    accepts: 'PEM file',
    fallback: '',
    fallbackText: 'plain HTTP',
    meaning: 'Certificate with its chain. With `FOVEA_TLS_KEY` the server speaks HTTPS.',
  }),
  tlsKey: text('FOVEA_TLS_KEY', {
    accepts: 'PEM file',
    fallback: '',
    fallbackText: 'plain HTTP',
    meaning: 'The certificate’s private key.',
  }),
  corsOrigins: text('FOVEA_CORS_ORIGINS', {
    accepts: 'origins, separated by commas, or `*`',
    fallback: '',
    fallbackText: 'none',
    meaning: 'Sites whose pages may call the API from a browser, such as `https://app.example`.',
  }),
  trustedProxies: text('FOVEA_TRUSTED_PROXIES', {
    accepts: 'addresses and networks, separated by commas',
    fallback: '',
    fallbackText: 'none',
    meaning: 'Proxies whose `X-Forwarded-For` tells the client’s address, such as `10.0.0.0/8`.',
  }),
};
