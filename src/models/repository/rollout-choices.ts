import { join } from 'node:path';
import { z } from 'zod';
import { ModelChoices } from './model-choices.js';
import { trafficSchema } from './traffic.js';

const activeSchema = z.object({
  version: z.int().positive(),
  /** What was active before, for rollback. */
  previous: z.int().positive().nullable(),
});

const choiceSchema = z.object({
  /** Null where nobody activated a version: the highest one counts. */
  active: activeSchema.nullable(),
  /** How the model's requests are split; null where the active version has all of them. */
  traffic: trafficSchema.nullable(),
});

/** What somebody chose for one model. */
export type RolloutChoice = z.infer<typeof choiceSchema>;

/** The choices for all models, in one file: an activation and its traffic change together, or not at all. */
export type RolloutChoices = ModelChoices<RolloutChoice>;

const meaning = 'which versions are active, and how traffic is split';

/** Of a release that kept activation and traffic in two files. They stay for that release and are not read again. */
async function readTwoFiles(stateDir: string): Promise<Record<string, RolloutChoice>> {
  const active = await ModelChoices.open({
    path: join(stateDir, 'active-versions.json'),
    schema: activeSchema,
    meaning,
  });
  const traffic = await ModelChoices.open({
    path: join(stateDir, 'traffic.json'),
    schema: trafficSchema,
    meaning,
  });
  const models = new Set([...active.models, ...traffic.models]);
  const choiceOf = (model: string): RolloutChoice => ({
    active: active.of(model) ?? null,
    traffic: traffic.of(model) ?? null,
  });
  return Object.fromEntries([...models].map((model) => [model, choiceOf(model)]));
}

/** @throws FoveaError `config_invalid` */
export function openRolloutChoices(stateDir: string): Promise<RolloutChoices> {
  return ModelChoices.open({
    path: join(stateDir, 'rollouts.json'),
    schema: choiceSchema,
    meaning,
    before: () => readTwoFiles(stateDir),
  });
}
