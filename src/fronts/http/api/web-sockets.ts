import { FoveaError } from '../../../platform/errors.js';
import { parseQuery, refuseQuery } from '../query.js';
import type { Route } from '../route.js';
import { predictQuerySchema } from './predict-query.js';

function upgradeRequired(): FoveaError {
  return new FoveaError(
    'upgrade_required',
    'This path is a WebSocket: connect with ws:// or wss://, or by the headers Upgrade: websocket and Connection: Upgrade.',
  );
}

/** Describes the WebSocket endpoints and answers their requests without upgrade. The WebSocket front takes all others. */
export function webSocketRoutes(): Route[] {
  const common = {
    method: 'GET',
    status: 101,
    answer: undefined,
    access: 'predict',
    limit: undefined,
    needsModel: false,
    errors: ['upgrade_required', 'forbidden', 'draining', 'overloaded', 'rate_limited'],
  } as const;
  return [
    {
      ...common,
      path: '/api/stream',
      summary:
        'WebSocket for predictions, with the sub-protocols `fovea.json.v1` and `fovea.bin.v1` of docs/stream-protocol.md.',
      query: predictQuerySchema,
      respond: ({ query }) => {
        parseQuery(predictQuerySchema, query);
        throw upgradeRequired();
      },
    },
    {
      ...common,
      path: '/api/live',
      summary: 'WebSocket that publishes the state of the server, with the sub-protocol `fovea.live.v1`.',
      respond: ({ query }) => {
        refuseQuery(query);
        throw upgradeRequired();
      },
    },
  ];
}
