import type { AskState } from '../learning/state/state-calls.js';
import { TrainingJobs } from '../learning/training/jobs.js';
import { Retraining, type RetrainingOptions } from '../learning/training/retraining.js';
import type { ServedModels } from '../serving/rollout/served-models.js';
import { modelsDirsOf } from './config/derived.js';
import type { Config } from './config/schema.js';
import type { Deps } from './deps.js';

/** The shipped model that CIFAR-10 is the data of. */
const CIFAR10_MODEL = 'cifar10-cnn';

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
    discover: () => models.discover(),
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

/** The model of FOVEA_TRAINING_DATA. */
export function dataModelOf({ training }: Config, models: Pick<ServedModels, 'defaultModel'>): string {
  if (training.dataModel !== '') return training.dataModel;
  return training.data === 'cifar10' ? CIFAR10_MODEL : models.defaultModel;
}

interface RetrainingParts extends Pick<RetrainingOptions, 'jobs' | 'requireRoom' | 'subjectOf'> {
  readonly models: ServedModels;
  readonly ask: AskState;
}

/** Turns requests into trainings. */
export function createRetraining(
  { config }: Deps,
  { jobs, models, ask, requireRoom, subjectOf }: RetrainingParts,
): Retraining {
  const { repository, storage, training } = config;
  return new Retraining({
    ...training,
    dataModel: () => dataModelOf(config, models),
    jobs,
    modelsDirs: modelsDirsOf(config),
    isReadOnly: repository.isReadOnly,
    stateDir: storage.stateDir,
    requireRoom,
    cacheDir: storage.cacheDir,
    requireImages: (selection) => ask('requireImages', selection),
    subjectOf,
  });
}
