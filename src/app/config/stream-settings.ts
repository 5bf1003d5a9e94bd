import { integer } from './setting.js';

const MEBIBYTE = 1024 * 1024;

/** WebSocket endpoints: `/api/stream` and `/api/live`. */
export const streams = {
  maxConnections: integer('FOVEA_STREAM_MAX_CONNECTIONS', {
    fallback: 256,
    min: 1,
    max: 1_000_000,
    unit: 'connections',
    meaning:
      'Open WebSockets; further ones get 503. Each may hold an unfinished message of `FOVEA_STREAM_MAX_MESSAGE_BYTES`; one client may take `FOVEA_MAX_CLIENT_SHARE_PERCENT` of them.',
  }),
  window: integer('FOVEA_STREAM_WINDOW', {
    fallback: 64,
    min: 1,
    max: 65_535,
    unit: 'requests',
    meaning:
      'Requests of one stream that may be in flight; a further one gets `rate_limited`. The server announces it at the start.',
  }),
  maxMessageBytes: integer('FOVEA_STREAM_MAX_MESSAGE_BYTES', {
    fallback: 4 * MEBIBYTE,
    min: 1024,
    max: 1024 * MEBIBYTE,
    unit: 'bytes',
    meaning: 'Largest message of a WebSocket; a larger one closes the connection.',
  }),
  maxBacklogBytes: integer('FOVEA_STREAM_MAX_BACKLOG_BYTES', {
    fallback: MEBIBYTE,
    min: 1024,
    max: 1024 * MEBIBYTE,
    unit: 'bytes',
    meaning:
      'Answers that a client has not read yet. Beyond it a stream is closed, and a listener of `/api/live` misses messages.',
  }),
  pingTimeoutMs: integer('FOVEA_STREAM_PING_TIMEOUT_MS', {
    fallback: 60_000,
    min: 8000,
    max: 960_000,
    unit: 'ms',
    meaning:
      'Time without a byte, also without a pong to the server’s pings, after which a WebSocket is closed.',
  }),
  idleTimeoutMs: integer('FOVEA_STREAM_IDLE_TIMEOUT_MS', {
    fallback: 600_000,
    min: 0,
    max: 86_400_000,
    unit: 'ms',
    meaning: 'Time without a request after which a stream is closed, even if it answers pings; 0 for never.',
  }),
  authenticationTimeoutMs: integer('FOVEA_STREAM_AUTHENTICATION_TIMEOUT_MS', {
    fallback: 5000,
    min: 100,
    max: 3_600_000,
    unit: 'ms',
    meaning:
      'Time for the first message to bring an API key, where one is needed and the upgrade had none; then the WebSocket is closed.',
  }),
  maxVideos: integer('FOVEA_STREAM_MAX_VIDEOS', {
    fallback: 16,
    min: 1,
    max: 65_535,
    unit: 'videos',
    meaning: 'Videos of one stream with droppable frames or smoothing; further ones get `too_large`.',
  }),
  maxSmoothedAnswers: integer('FOVEA_STREAM_MAX_SMOOTHED_ANSWERS', {
    fallback: 32,
    min: 1,
    max: 255,
    unit: 'answers',
    meaning: 'Most answers of a video that one answer may average.',
  }),
  liveIntervalMs: integer('FOVEA_LIVE_INTERVAL_MS', {
    fallback: 1000,
    min: 100,
    max: 3_600_000,
    unit: 'ms',
    meaning: 'Time between two messages of `/api/live`; nothing is computed while nobody listens.',
  }),
};
