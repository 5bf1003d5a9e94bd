import type { Door } from '../fronts/door/door.js';
import type { Front } from '../fronts/front.js';
import { GrpcFront } from '../fronts/grpc/grpc-front.js';
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
function createGrpc({ config, log }: Deps, { door, protocols }: FrontParts): Front {
  const { host, grpcPort, tlsCert, tlsKey, maxBodyBytes, grpcMaxStreams, requestTimeoutMs } = config.http;
  const settings = {
    host,
    port: Number(grpcPort),
    tlsCert,
    tlsKey,
    maxMessageBytes: maxBodyBytes,
    maxStreams: grpcMaxStreams,
  };
  return new GrpcFront({ ...door, ...protocols, requestTimeoutMs, settings, log });
}

interface FrontParts {
  readonly door: Door;
  readonly api: ApiParts;
  /** Of the protocols of other servers. */
  readonly protocols: OipParts;
  readonly observer: RequestObserver;
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
  const http = new HttpFront({
    ...config.http,
    ...door,
    maxConnections: connectionsWithin(fileHandleLimit(), config.http.maxConnections),
    isFull: () => reserve.isOut,
    groups,
    log,
    observer: parts.observer,
  });
  const { predictions } = api;
  const fronts: Front[] = [http, createWebSockets(deps, http, { ...webSockets, door, predictions })];
  if (config.http.grpcPort !== 'off') fronts.push(createGrpc(deps, parts));
  for (const front of fronts) {
    const { name } = front;
    lifecycle.add({ name, drain: () => front.drain(), close: () => front.close() });
  }
  return fronts;
}
