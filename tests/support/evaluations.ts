import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { makeImageFolder } from './image-folder.js';
import { operatorFetch } from './operator.js';

/** The part of an evaluation that tests read. */
export const summarySchema = z.looseObject({
  id: z.string(),
  state: z.string(),
  version: z.number(),
  images: z.number().nullable(),
  accuracy: z.number().nullable(),
  data_fingerprint: z.string().nullable(),
  progress: z.looseObject({ phase: z.string(), images_total: z.number().nullable() }),
});
export type Summary = z.infer<typeof summarySchema>;

const mistakeSchema = z.looseObject({
  true_class: z.string(),
  predicted_class: z.string(),
  confidence: z.number(),
  thumbnail: z.string(),
});

export const evaluatedSchema = z.looseObject({
  accuracy: z.number(),
  images: z.number(),
  confusion_matrix: z.array(z.array(z.number())),
  classification_report: z.record(z.string(), z.unknown()),
  mistakes: z.array(mistakeSchema),
  evaluation: summarySchema,
});

const listSchema = z.looseObject({ running: summarySchema.nullable(), evaluations: z.array(summarySchema) });

/** The twenty fixture images to evaluate on, half of them as test split. */
export async function evaluationEnvironment(folder: string): Promise<Record<string, string>> {
  return {
    FOVEA_STATE_DIR: join(folder, 'state'),
    FOVEA_TRAINING_DATA: await makeImageFolder(join(folder, 'data')),
    FOVEA_RATE_LIMIT_EVALUATE: 'off',
  };
}

export function evaluate(url: string, body?: unknown, query = ''): Promise<Response> {
  const address = `${url}/api/model/evaluate${query}`;
  if (body === undefined) return operatorFetch(address, { method: 'POST' });
  const headers = { 'Content-Type': 'application/json' };
  return operatorFetch(address, { method: 'POST', headers, body: JSON.stringify(body) });
}

export async function summaryOf(url: string, id: string): Promise<Summary> {
  return summarySchema.parse(await (await fetch(`${url}/api/evaluations/${id}`)).json());
}

/** Asks until it runs no more. */
export async function evaluationEnded(url: string, id: string): Promise<Summary> {
  for (;;) {
    const summary = await summaryOf(url, id);
    if (summary.state !== 'running') return summary;
    await sleep(50);
  }
}

export async function evaluationsOf(url: string, query = ''): Promise<z.infer<typeof listSchema>> {
  return listSchema.parse(await (await fetch(`${url}/api/evaluations${query}`)).json());
}

/** Asks until one runs. */
export async function runningId(url: string): Promise<string> {
  for (;;) {
    const { running } = await evaluationsOf(url);
    if (running !== null) return running.id;
    await sleep(5);
  }
}
