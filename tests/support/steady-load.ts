import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import { predictionOf } from './answers.js';
import { predict } from './traffic.js';

const CLIENTS = 16;
/** Between a client's requests. Without it the load takes both cores from the server that it should test. */
const PAUSE_MS = 50;

/** Predicts some 200 times a second until it ends. */
export interface SteadyLoad {
  /** Versions that have answered so far. */
  readonly versions: ReadonlySet<number>;
  /** Ends the load and checks that no request failed. */
  end(t: Test): Promise<void>;
}

export function startLoad(url: string): SteadyLoad {
  const over = new AbortController();
  const statuses = new Map<number, number>();
  const versions = new Set<number>();
  const client = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const response = await predict(url);
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      versions.add((await predictionOf(response)).model_version);
      await sleep(PAUSE_MS);
    }
  };
  const started = performance.now();
  const clients = Array.from({ length: CLIENTS }, client);
  const end = async (t: Test): Promise<void> => {
    over.abort();
    await Promise.all(clients);
    t.same([...statuses.keys()], [200]);
    const perSecond = (1000 * (statuses.get(200) ?? 0)) / (performance.now() - started);
    t.comment(`${statuses.get(200)} requests, ${perSecond.toFixed(0)} a second`);
  };
  return { versions, end };
}
