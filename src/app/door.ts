import { resolve } from 'node:path';
import type { Redis } from 'ioredis';
import { ADMIN_TOKEN_FILE, AdminToken } from '../fronts/door/admin-token.js';
import { Admission } from '../fronts/door/admission.js';
import { API_KEYS_FILE, ApiKeys } from '../fronts/door/api-keys.js';
import { parseNetworks } from '../fronts/door/client.js';
import { ClientHash } from '../fronts/door/client-hash.js';
import type { Door } from '../fronts/door/door.js';
import { Gate } from '../fronts/door/gate.js';
import { Limits } from '../fronts/door/limits.js';
import { ratesOf } from '../fronts/door/rates.js';
import type { ServiceState } from '../serving/service-state.js';
import type { Deps } from './deps.js';
import { createTracer } from './tracing.js';

/** Authentication, rate limits and admission, shared by all fronts. */
export async function createDoor(deps: Deps, state: ServiceState): Promise<Door> {
  const { http, storage } = deps.config;
  const onProblem = (error: unknown): void =>
    deps.log.error({ err: error }, 'a secret of the state directory cannot be stored yet');
  const gate = new Gate({
    keys: new ApiKeys(resolve(storage.stateDir, API_KEYS_FILE)),
    adminToken: await AdminToken.open(resolve(storage.stateDir, ADMIN_TOKEN_FILE), onProblem),
    trustedProxies: parseNetworks(http.trustedProxies),
    hashes: await ClientHash.open(resolve(storage.stateDir, 'client-secret'), onProblem),
  });
  return {
    gate,
    state,
    limits: await createLimits(deps),
    admission: new Admission(http),
    tracer: await createTracer(deps),
  };
}

async function createLimits({ config, log, lifecycle }: Deps): Promise<Limits | undefined> {
  if (!config.limits.isEnabled) return undefined;
  const onProblem = (error: unknown): void =>
    log.warn({ err: error }, 'Redis is unreachable: rate limits count in this process only');
  const redis = await openRedis(config.limits.redisUrl, onProblem);
  const limits = new Limits({ rates: ratesOf(config.limits), redis });
  lifecycle.add({ name: 'limits', close: () => limits.close() });
  return limits;
}

/** @returns undefined without a URL: then the client of Redis, 5 MB of JavaScript, is not loaded */
async function openRedis(url: string, onProblem: (error: unknown) => void): Promise<Redis | undefined> {
  if (url === '') return undefined;
  const { connectRedis } = await import('../fronts/door/connect-redis.js');
  return connectRedis(url, onProblem);
}
