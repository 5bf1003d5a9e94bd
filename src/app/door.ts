import { resolve } from 'node:path';
import { Admission } from '../fronts/door/admission.js';
import { ApiKeys } from '../fronts/door/api-keys.js';
import { parseNetworks } from '../fronts/door/client.js';
import { ClientHash } from '../fronts/door/client-hash.js';
import type { Door } from '../fronts/door/door.js';
import { Gate } from '../fronts/door/gate.js';
import { Limits } from '../fronts/door/limits.js';
import { ratesOf } from '../fronts/door/rates.js';
import type { ServiceState } from '../serving/service-state.js';
import type { Surroundings } from './surroundings.js';

/** The one door of all fronts. */
export async function makeDoor(surroundings: Surroundings, state: ServiceState): Promise<Door> {
  const { http, storage } = surroundings.config;
  const gate = new Gate({
    keys: new ApiKeys(resolve(storage.stateDir, 'api-keys.json')),
    trustedProxies: parseNetworks(http.trustedProxies),
    hashes: await ClientHash.open(resolve(storage.stateDir, 'client-secret')),
  });
  return { gate, state, limits: makeLimits(surroundings), admission: new Admission(http) };
}

function makeLimits({ config, log, lifecycle }: Surroundings): Limits | undefined {
  if (!config.limits.isEnabled) return undefined;
  const limits = new Limits({
    rates: ratesOf(config.limits),
    redisUrl: config.limits.redisUrl,
    onRedisProblem: (error) => log.warn({ err: error }, 'Redis is away: this server counts alone'),
  });
  lifecycle.add({ name: 'limits', close: () => limits.close() });
  return limits;
}
