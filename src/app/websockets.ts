import type { Door } from '../fronts/door/door.js';
import type { SocketHost } from '../fronts/http/socket-host.js';
import { liveEndpoint } from '../fronts/websocket/live/live-endpoint.js';
import type { LiveSources } from '../fronts/websocket/live/live-message.js';
import { streamEndpoint } from '../fronts/websocket/stream/stream-endpoint.js';
import type { StreamObserver } from '../fronts/websocket/stream/stream-parts.js';
import { type SocketObserver, WebSocketFront } from '../fronts/websocket/websocket-front.js';
import type { Predictions } from '../serving/predictions.js';
import type { Deps } from './deps.js';

export interface WebSocketParts {
  readonly door: Door;
  readonly predictions: Predictions;
  readonly live: LiveSources;
  readonly observer: StreamObserver & SocketObserver;
}

/** `/api/stream` and `/api/live`, on the port of HTTP. */
export function createWebSockets(
  { config, log }: Deps,
  host: SocketHost,
  { door, predictions, live, observer }: WebSocketParts,
): WebSocketFront {
  const { streams, http } = config;
  const stream = streamEndpoint({
    ...door,
    service: door.state,
    predictions,
    settings: { ...streams, maxImages: http.maxBatchImages, requestTimeoutMs: http.requestTimeoutMs },
    maxMessageBytes: streams.maxMessageBytes,
    maxListedClasses: http.maxListedClasses,
    log,
    observer,
  });
  const listening = liveEndpoint({
    host,
    sources: live,
    intervalMs: streams.liveIntervalMs,
    authenticationTimeoutMs: streams.authenticationTimeoutMs,
    onProblem: (error) => log.error({ err: error }, 'a message of /api/live could not be made'),
  });
  return new WebSocketFront({
    ...streams,
    ...door,
    maxClientSharePercent: http.maxClientSharePercent,
    host,
    endpoints: [stream, listening],
    log,
    observer,
  });
}
