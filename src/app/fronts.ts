import type { Door } from '../fronts/door/door.js';
import type { Front } from '../fronts/front.js';
import { GrpcFront, type GrpcObserver } from '../fronts/grpc/grpc-front.js';
import { type ApiParts, apiRoutes } from '../fronts/http/api/table.js';
import type { RequestObserver } from '../fronts/http/dispatcher.js';
import { HttpFront } from '../fronts/http/http-front.js';
import { type OipParts, oipGroup } from '../fronts/http/oip/routes.js';
import { errorReply } from '../fronts/http/reply.js';
import type { RouteGroup } from '../fronts/http/route.js';
import { tfServingGroup } from '../fronts/http/tfserving/routes.js';
import { torchServeGroup } from '../fronts/http/torchserve/routes.js';
import { connectionsWithin, fileHandleLimit } from '../platform/file-handles.js';
import type { Deps } from './deps.js';
import { createHandleReserve } from './handle-reserve.js';
import { createWebSockets, type WebSocketParts } from './websockets.js';

/** gRPC on a port of its own. */
function createGrpc(
  { config, log }: Deps,
  { door, protocols, grpcObserver: observer }: FrontParts,
  maxConnections: number,
): Front {
  const { http } = config;
  const settings = {
    host: http.host,
    port: Number(http.grpcPort),
    tlsCert: http.tlsCert,
    tlsKey: http.tlsKey,
    maxMessageBytes: http.maxBodyBytes,
    messageTimeoutMs: http.bodyTimeoutMs,
    maxStreams: http.grpcMaxStreams,
    maxConnections,
    maxBufferedBytes: http.maxBufferedBytes,
    maxClientSharePercent: http.maxClientSharePercent,
    trustedProxies: http.trustedProxies,
  };
  const { requestTimeoutMs } = http;
  return new GrpcFront({ ...door, ...protocols, requestTimeoutMs, settings, observer, log });
}

/** Connections of HTTP and of gRPC: each holds a file handle, so that both share the handles of the process. */
function connectionLimits({ http }: Deps['config']): { readonly http: number; readonly grpc: number } {
  const wanted = http.grpcPort === 'off' ? 0 : http.grpcMaxConnections;
  const possible = connectionsWithin(fileHandleLimit(), http.maxConnections + wanted);
  const grpc = Math.min(wanted, Math.floor(possible / 2));
  return { http: Math.min(http.maxConnections, possible - grpc), grpc };
}

interface FrontParts {
  readonly door: Door;
  readonly api: ApiParts;
  /** Of the protocols of other servers. */
  readonly protocols: OipParts;
  readonly observer: RequestObserver;
  readonly grpcObserver: GrpcObserver;
  readonly webSockets: Omit<WebSocketParts, 'door' | 'predictions'>;
}

/** Every front of the server. A new protocol adds a line to `groups` or to `fronts`. */
export function createFronts(deps: Deps, parts: FrontParts): Front[] {
  const { config, log, lifecycle } = deps;
  const groups: RouteGroup[] = [
    { prefix: '', routes: apiRoutes(parts.api), errorReply },
    oipGroup(parts.protocols),
    tfServingGroup(parts.protocols),
    torchServeGroup(parts.protocols),
  ];
  const { door, webSockets, api } = parts;
  const reserve = createHandleReserve(deps);
  const connections = connectionLimits(config);
  const http = new HttpFront({
    ...config.http,
    ...door,
    maxConnections: connections.http,
    isFull: () => reserve.isOut,
    groups,
    log,
    observer: parts.observer,
  });
  const { predictions } = api;
  const fronts: Front[] = [http, createWebSockets(deps, http, { ...webSockets, door, predictions })];
  if (config.http.grpcPort !== 'off') fronts.push(createGrpc(deps, parts, connections.grpc));
  for (const front of fronts) {
    const { name } = front;
    lifecycle.add({ name, drain: () => front.drain(), close: () => front.close() });
  }
  return fronts;
}
