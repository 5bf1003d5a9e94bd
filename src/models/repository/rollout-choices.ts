import { join } from 'node:path';
import { z } from 'zod';
import { ModelChoices } from './model-choices.js';
import { trafficSchema } from './traffic.js';

const activeSchema = z.object({
  version: z.int().positive(),
  /** The version that a rollback activates. */
  previous: z.int().positive().nullable(),
});

export const rolloutChoiceSchema = z.object({
  /** Null while no version was activated: then the highest version serves. */
  active: activeSchema.nullable(),
  /** Null while the active version serves all requests. */
  traffic: trafficSchema.nullable(),
});

export type RolloutChoice = z.infer<typeof rolloutChoiceSchema>;

/** The choices for all models. An activation and its traffic change atomically. */
export type RolloutChoices = Pick<ModelChoices<RolloutChoice>, 'of' | 'set' | 'remove'>;

const meaning = 'which versions are active, and how traffic is split';

/** Reads the two files of an older release. They stay for a roll-back to that release, but are not read again. */
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

/** The choices in one file of the state directory.
 * @throws FoveaError `config_invalid` */
export function openRolloutChoices(stateDir: string): Promise<ModelChoices<RolloutChoice>> {
  return ModelChoices.open({
    path: join(stateDir, 'rollouts.json'),
    schema: rolloutChoiceSchema,
    meaning,
    before: () => readTwoFiles(stateDir),
  });
}
