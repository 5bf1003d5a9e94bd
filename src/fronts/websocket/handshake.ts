import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import { FoveaError } from '../../platform/errors.js';
import type { Door } from '../door/door.js';
import type { Sender } from '../door/gate.js';
import { upgradeProblem } from '../http/framing.js';
import { remoteAddressOf } from '../http/remote-address.js';
import { RequestHeaders } from '../http/request-headers.js';
import { chooseRequestId } from '../http/request-id.js';
import type { SocketHost } from '../http/socket-host.js';
import type { SocketEndpoint, Upgrade } from './endpoint.js';
import { Identity } from './identity.js';

/** A client's own connection id may be this long, because ids of requests add to it. */
const MAX_ID_LENGTH = 96;

/** An upgrade request, read while uWebSockets.js' `req` is alive. */
export interface Handshake {
  readonly id: string;
  readonly query: string;
  readonly origin: string;
  readonly host: string;
  readonly key: string;
  /** Sub-protocols that the client offers. */
  readonly offered: readonly string[];
  readonly extensions: string;
  readonly sender: Sender;
  readonly trace: Upgrade['trace'];
  /** Why the request is ambiguous; undefined for others. */
  readonly problem: FoveaError | undefined;
}

function namesIn(header: string): string[] {
  return header
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

export function readHandshake(res: HttpResponse, req: HttpRequest): Handshake {
  const headers = new RequestHeaders(req);
  const ownId = headers.get('x-request-id');
  return {
    id: chooseRequestId(ownId.length > MAX_ID_LENGTH ? '' : ownId),
    // Its types promise a string, but without a query it returns undefined.
    query: (req.getQuery() as string | undefined) ?? '',
    origin: headers.get('origin'),
    host: headers.get('host'),
    key: headers.get('sec-websocket-key'),
    offered: namesIn(headers.get('sec-websocket-protocol')),
    extensions: headers.get('sec-websocket-extensions'),
    sender: {
      peer: remoteAddressOf(res),
      authorization: headers.get('authorization'),
      apiKey: headers.get('x-api-key'),
      forwardedFor: headers.get('x-forwarded-for'),
    },
    trace: { traceparent: headers.get('traceparent'), tracestate: headers.get('tracestate') },
    problem: upgradeProblem(headers),
  };
}

/** @returns the first of the offered names that the endpoint has
 * @throws FoveaError `bad_request` when it has none of them */
function protocolOf({ protocols }: SocketEndpoint, { offered }: Handshake): string {
  if (offered.length === 0) return protocols[0];
  const chosen = offered.find((name) => protocols.includes(name));
  if (chosen !== undefined) return chosen;
  throw new FoveaError('bad_request', `Sec-WebSocket-Protocol must offer ${protocols.join(' or ')}.`, {
    details: { supported_protocols: protocols },
  });
}

/** Lets an upgrade request in. A client that needs a key and sent none may still send it in a message.
 * @throws FoveaError `draining`, `forbidden` (origin), `bad_request` (protocol, ambiguous request), `unauthenticated`
 * (wrong key) */
export function admitHandshake(
  handshake: Handshake,
  endpoint: SocketEndpoint,
  { gate, state, cors }: Pick<Door, 'gate' | 'state'> & Pick<SocketHost, 'cors'>,
): Upgrade {
  const { id, query, origin, host, sender, trace, problem } = handshake;
  if (problem !== undefined) throw problem;
  if (state.phase === 'draining') throw new FoveaError('draining', 'The server is shutting down.');
  if (!cors.allowsSocket(origin, host)) {
    throw new FoveaError('forbidden', 'Pages of this origin may not connect: see FOVEA_CORS_ORIGINS.');
  }
  const protocol = protocolOf(endpoint, handshake);
  const identity = new Identity(gate, sender);
  if (identity.hasKey) identity.client();
  return { id, query, protocol, trace, identity };
}
