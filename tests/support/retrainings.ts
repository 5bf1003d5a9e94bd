import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { fixtureImage, predictionOf } from './answers.js';
import { makeImageFolder } from './image-folder.js';
import { operatorFetch } from './operator.js';
import { MODEL } from './second-model.js';

/** The part of a status that tests read. */
const statusSchema = z.looseObject({
  is_retraining: z.boolean(),
  memory_bytes: z.number().nullable(),
  status: z.looseObject({ status: z.string(), message: z.string() }).nullable(),
  job: z
    .looseObject({ id: z.string(), progress: z.looseObject({ curves: z.array(z.unknown()) }) })
    .nullable(),
});
type Status = z.infer<typeof statusSchema>;

/** A repository of its own with these versions of the shipped model, and the twenty fixture images to train on. */
export async function retrainingEnvironment(
  folder: string,
  versions: readonly number[] = [2],
): Promise<Record<string, string> & { FOVEA_MODELS_DIR: string; FOVEA_STATE_DIR: string }> {
  for (const version of versions.map(String))
    cpSync(join('models', MODEL, version), join(folder, 'models', MODEL, version), { recursive: true });
  return {
    FOVEA_MODELS_DIR: join(folder, 'models'),
    FOVEA_STATE_DIR: join(folder, 'state'),
    FOVEA_TRAINING_DATA: await makeImageFolder(join(folder, 'data')),
    FOVEA_RETRAINING_EPOCHS: '2',
    FOVEA_RETRAINING_BATCH_SIZE: '5',
  };
}

export function retrain(url: string, body?: unknown): Promise<Response> {
  if (body === undefined) return operatorFetch(`${url}/api/retrain`, { method: 'POST' });
  const headers = { 'Content-Type': 'application/json' };
  return operatorFetch(`${url}/api/retrain`, { method: 'POST', headers, body: JSON.stringify(body) });
}

export async function retrainingStatus(url: string): Promise<Status> {
  return statusSchema.parse(await (await fetch(`${url}/api/retrain/status`)).json());
}

/** Asks until something is true of the status. */
async function until(url: string, isSo: (status: Status) => boolean): Promise<Status> {
  for (;;) {
    const status = await retrainingStatus(url);
    if (isSo(status)) return status;
    await sleep(50);
  }
}

export function retrainingEnded(url: string): Promise<Status> {
  return until(url, (status) => !status.is_retraining);
}

/** Asks until so many epochs have ended. */
export function epochsEnded(url: string, epochs: number): Promise<Status> {
  return until(url, (status) => (status.job?.progress.curves.length ?? 0) >= epochs);
}

export async function servedVersion(url: string): Promise<number> {
  const body = Uint8Array.from(await fixtureImage('cat-0000'));
  const headers = { 'Content-Type': 'image/jpeg' };
  const response = await fetch(`${url}/api/predict`, { method: 'POST', body, headers });
  return (await predictionOf(response)).model_version;
}

/** The model's versions as the API shows them, the newest first. */
export async function versionsOf(url: string): Promise<unknown[]> {
  const schema = z.looseObject({ versions: z.array(z.unknown()) });
  return schema.parse(await (await fetch(`${url}/api/models/${MODEL}`)).json()).versions;
}
