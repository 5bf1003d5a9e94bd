import type { AskState } from '../learning/state/state-calls.js';
import { TrainingJobs } from '../learning/training/jobs.js';
import { Retraining } from '../learning/training/retraining.js';
import type { ServedModels } from '../serving/rollout/served-models.js';
import { modelsDirsOf } from './config/derived.js';
import type { Deps } from './deps.js';

/** Trainings: one at a time, in a child process. */
export function createJobs(
  { config, log, env, lifecycle }: Deps,
  models: ServedModels,
  ask: AskState,
): TrainingJobs {
  const { training } = config;
  const jobs = new TrainingJobs({
    ask,
    env,
    afterRestart: training.afterRestart,
    activeVersion: async (model) => {
      const { active } = await models.loadedOf(model);
      const { version, manifest } = active.classifier.version;
      return { version, accuracy: manifest.metrics.validation?.accuracy };
    },
    activate: async (model, version) => (await models.rolloutOf(model)).activate(version),
    onEnd: ({ id, state, result, error }) => log.info({ job: id, state, result, error }, 'training ended'),
    onProblem: (error) => log.error({ err: error }, 'trainings could not be saved or read'),
  });
  lifecycle.add({ name: 'trainings', close: () => jobs.close() });
  return jobs;
}

/** Turns requests into trainings. */
export function createRetraining(
  { config }: Deps,
  jobs: TrainingJobs,
  models: ServedModels,
  ask: AskState,
): Retraining {
  const { repository, storage, training } = config;
  return new Retraining({
    ...training,
    jobs,
    modelsDirs: modelsDirsOf(config),
    isReadOnly: repository.isReadOnly,
    stateDir: storage.stateDir,
    cacheDir: storage.cacheDir,
    requireImages: (selection) => ask('requireImages', selection),
    active: async (model = models.defaultModel) => (await models.loadedOf(model)).active.classifier.version,
  });
}
