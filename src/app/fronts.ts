import type { Door } from '../fronts/door/door.js';
import type { Front } from '../fronts/front.js';
import { GrpcFront, type GrpcObserver } from '../fronts/grpc/grpc-front.js';
import { type ApiParts, apiRoutes, sharedApiRoutes } from '../fronts/http/api/table.js';
import type { RequestObserver } from '../fronts/http/dispatcher.js';
import { HttpFront, type HttpFrontOptions } from '../fronts/http/http-front.js';
import { type OipParts, oipGroup } from '../fronts/http/oip/routes.js';
import { errorReply } from '../fronts/http/reply.js';
import type { Route, RouteGroup } from '../fronts/http/route.js';
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

export interface Fronts {
  /** Of this server; the first one is HTTP. */
  readonly own: readonly Front[];
  /** On a port that other servers share: they open when this server is ready. */
  readonly shared: readonly Front[];
}

/** Every front of the server. A new protocol adds a line to `groupsOf` or to `own`. */
export function createFronts(deps: Deps, parts: FrontParts): Fronts {
  const { config, log, lifecycle } = deps;
  const { door, api } = parts;
  const reserve = createHandleReserve(deps);
  const connections = connectionLimits(config);
  const createHttp = (groups: readonly RouteGroup[], port: Pick<HttpFrontOptions, 'port' | 'isPortShared'>) =>
    new HttpFront({
      ...config.http,
      ...door,
      ...port,
      maxConnections: connections.http,
      isFull: () => reserve.isOut,
      groups,
      log,
      observer: parts.observer,
    });
  const webSockets = { ...parts.webSockets, door, predictions: api.predictions };
  const http = createHttp(groupsOf(apiRoutes(api), parts.protocols), config.http);
  const own: Front[] = [http, createWebSockets(deps, http, webSockets)];
  if (config.http.grpcPort !== 'off') own.push(createGrpc(deps, parts, connections.grpc));
  const shared: Front[] = [];
  if (config.http.sharedPort !== 'off') {
    const port = { port: Number(config.http.sharedPort), isPortShared: true };
    shared.push(createHttp(groupsOf(sharedApiRoutes(api), parts.protocols).map(withoutOwnRoutes), port));
  }
  for (const front of [...own, ...shared]) {
    const { name } = front;
    lifecycle.add({ name, drain: () => front.drain(), close: () => front.close() });
  }
  return { own, shared };
}

/** A scan, loading and unloading change one server. */
const OF_ONE_SERVER = /^\/(api\/models\/rescan$|v2\/repository\/)/;

function withoutOwnRoutes(group: RouteGroup): RouteGroup {
  return { ...group, routes: group.routes.filter(({ path }) => !OF_ONE_SERVER.test(path)) };
}

/** The protocols that run over HTTP. */
function groupsOf(routes: readonly Route[], protocols: OipParts): RouteGroup[] {
  return [
    { prefix: '', routes, errorReply },
    oipGroup(protocols),
    tfServingGroup(protocols),
    torchServeGroup(protocols),
  ];
}
