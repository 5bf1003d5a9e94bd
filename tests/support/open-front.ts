import { join } from 'node:path';
import { pino } from 'pino';
import type { Test } from 'tap';
import { Admission } from '../../src/fronts/door/admission.js';
import { ApiKeys } from '../../src/fronts/door/api-keys.js';
import { Gate } from '../../src/fronts/door/gate.js';
import { HttpFront, type HttpFrontOptions } from '../../src/fronts/http/http-front.js';
import type { RouteGroup } from '../../src/fronts/http/route.js';
import type { ErrorCode } from '../../src/platform/errors.js';
import { ServiceState } from '../../src/serving/service-state.js';

export interface OpenFront {
  readonly url: string;
  readonly port: number;
  readonly front: HttpFront;
  readonly admission: Admission;
  /** Codes of the failed requests so far. */
  readonly failures: readonly ErrorCode[];
}

/** What a route of these tests needs beside its method, path and answer. */
export const OPEN_ROUTE = {
  summary: '',
  answer: undefined,
  needsModel: false,
  access: 'open',
  limit: undefined,
} as const;

/** Opens the HTTP front for these routes, without a model. */
export async function openFront(
  t: Test,
  groups: readonly RouteGroup[],
  changes: Partial<HttpFrontOptions> = {},
): Promise<OpenFront> {
  const gate = new Gate({
    keys: new ApiKeys(join(t.testdir(), 'api-keys.json')),
    adminToken: { matches: () => false },
    trustedProxies: [],
    hashes: { of: (name) => `hash of ${name}` },
  });
  const admission = new Admission({
    maxRequestsInFlight: 8,
    maxBufferedBytes: 300_000,
    maxClientSharePercent: 100,
  });
  const failures: ErrorCode[] = [];
  const front = new HttpFront({
    gate,
    state: new ServiceState('1'),
    limits: undefined,
    admission,
    host: '127.0.0.1',
    port: 0,
    tlsCert: '',
    tlsKey: '',
    corsOrigins: '',
    basePath: '',
    requestTimeoutMs: 1000,
    bodyTimeoutMs: 1000,
    keepAliveTimeoutMs: 75_000,
    maxConnections: 1000,
    maxClientSharePercent: 100,
    trustedProxies: '',
    maxDiscardedBytes: 1_000_000,
    minBodyBytesPerSecond: 0,
    minAnswerBytesPerSecond: 0,
    groups,
    log: pino({ level: 'silent' }),
    observer: { requestFinished: () => undefined, requestFailed: (code) => void failures.push(code) },
    ...changes,
  });
  t.teardown(() => front.close());
  const { url, port } = await front.open();
  return { front, admission, url, port, failures };
}
