import { signal } from '@preact/signals';
import type { Prediction } from '../../../../clients/typescript/src/client.js';
import { chosenModel } from '../../state/models.js';
import { clientWith } from '../../state/server.js';
import { messageOf, needsKey } from '../../state/toasts.js';
import { strings } from '../../strings.js';
import { type Times, timesOf } from './times.js';

export type Outcome =
  | { readonly state: 'running' }
  | { readonly state: 'failed'; readonly message: string; readonly needsKey: boolean }
  | { readonly state: 'done'; readonly prediction: Prediction; readonly times: Times };

export interface Result {
  readonly id: number;
  readonly name: string;
  /** Object URL of the image. */
  readonly url: string;
  readonly outcome: Outcome;
}

const MAX_RESULTS = 60;
/** Requests at once: browsers open six connections to a server. */
const MAX_RUNNING = 4;

/** Newest first. */
export const results = signal<readonly Result[]>([]);
/** A version in service; undefined for the server's choice. */
export const chosenVersion = signal<number | undefined>(undefined);
/** For screen readers. */
export const announcement = signal('');

const waiting: { readonly id: number; readonly image: Blob }[] = [];
let running = 0;
let lastId = 0;

export function addImages(images: readonly { readonly name: string; readonly image: Blob }[]): void {
  const added = images.map(({ name, image }): Result => {
    lastId += 1;
    waiting.push({ id: lastId, image });
    return { id: lastId, name, url: URL.createObjectURL(image), outcome: { state: 'running' } };
  });
  const all = [...added.toReversed(), ...results.value];
  for (const { url } of all.slice(MAX_RESULTS)) URL.revokeObjectURL(url);
  results.value = all.slice(0, MAX_RESULTS);
  pump();
}

export function removeResult(id: number): void {
  const removed = results.value.find((result) => result.id === id);
  if (removed !== undefined) URL.revokeObjectURL(removed.url);
  results.value = results.value.filter((result) => result.id !== id);
}

export function clearResults(): void {
  for (const { url } of results.value) URL.revokeObjectURL(url);
  results.value = [];
}

function pump(): void {
  while (running < MAX_RUNNING) {
    const next = waiting.shift();
    if (next === undefined) return;
    running += 1;
    void classify(next.image).then((outcome) => {
      running -= 1;
      settle(next.id, outcome);
      pump();
    });
  }
}

function settle(id: number, outcome: Outcome): void {
  results.value = results.value.map((result) => (result.id === id ? { ...result, outcome } : result));
  const { name = '' } = results.value.find((result) => result.id === id) ?? {};
  if (outcome.state === 'failed') announcement.value = `${name}: ${outcome.message}`;
  if (outcome.state !== 'done') return;
  const { predicted_class, confidence } = outcome.prediction;
  announcement.value = strings.predict.announce(name, predicted_class, `${Math.round(100 * confidence)} %`);
}

/** Never rejects. */
async function classify(image: Blob): Promise<Outcome> {
  let timing = '';
  const client = clientWith(async (input, init) => {
    const response = await fetch(input, init);
    timing = response.headers.get('server-timing') ?? '';
    return response;
  });
  const started = performance.now();
  try {
    const model = chosenModel.value === '' ? undefined : chosenModel.value;
    const prediction = await client.predict(image, { model, version: chosenVersion.value });
    return { state: 'done', prediction, times: timesOf(timing, performance.now() - started) };
  } catch (error) {
    return { state: 'failed', message: messageOf(error), needsKey: needsKey(error) };
  }
}
