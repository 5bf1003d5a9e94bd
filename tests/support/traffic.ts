import { z } from 'zod';
import { fixtureImage, predictionOf } from './answers.js';
import { operatorFetch } from './operator.js';
import { MODEL } from './second-model.js';

const jpeg = Uint8Array.from(await fixtureImage('cat-0000'));

export function predict(url: string, query = ''): Promise<Response> {
  const headers = { 'Content-Type': 'image/jpeg' };
  return fetch(`${url}/api/predict${query}`, { method: 'POST', body: jpeg, headers });
}

export function putTraffic(url: string, traffic: unknown, model = MODEL): Promise<Response> {
  const headers = { 'Content-Type': 'application/json' };
  return operatorFetch(`${url}/api/models/${model}/traffic`, {
    method: 'PUT',
    headers,
    body: JSON.stringify(traffic),
  });
}

export function endTrial(url: string, how: 'promote' | 'abort', body?: unknown): Promise<Response> {
  const init = { method: 'POST', headers: { 'Content-Type': 'application/json' } };
  return operatorFetch(
    `${url}/api/models/${MODEL}/traffic/${how}`,
    body === undefined ? { method: 'POST' } : { ...init, body: JSON.stringify(body) },
  );
}

/** A split between version 2, which is active, and version 1. */
export function split(percentOfTwo: number): unknown {
  return {
    split: [
      { version: 2, percent: percentOfTwo },
      { version: 1, percent: 100 - percentOfTwo },
    ],
  };
}

const trafficSchema = z.looseObject({
  active_version: z.number(),
  is_split: z.boolean(),
  since: z.string(),
  versions: z.array(z.looseObject({ version: z.number(), role: z.string(), requests: z.number() })),
});

export async function trafficOf(url: string): Promise<z.infer<typeof trafficSchema>> {
  return trafficSchema.parse(await (await fetch(`${url}/api/models/${MODEL}/traffic`)).json());
}

/** How many of so many requests each version answered. */
export async function answeredBy(url: string, requests: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let request = 0; request < requests; request++) {
    const { model_version: version } = await predictionOf(await predict(url));
    counts[version] = (counts[version] ?? 0) + 1;
  }
  return counts;
}
