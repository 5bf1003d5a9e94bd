import { Evaluating, type EvaluatingOptions } from '../learning/evaluation/evaluating.js';
import { Evaluations } from '../learning/evaluation/evaluations.js';
import type { AskState } from '../learning/state/state-calls.js';
import { instanceThreadsOf, modelsDirsOf, precisionSettingsOf } from './config/derived.js';
import type { Deps } from './deps.js';

/** Evaluations: one at a time, in a child process. */
export function createEvaluations({ config, log, env, lifecycle }: Deps, ask: AskState): Evaluations {
  const { evaluation } = config;
  const evaluations = new Evaluations({
    ask,
    env,
    timeoutMs: evaluation.timeoutMs,
    onEnd: ({ id, state, accuracy, error }) =>
      log.info({ evaluation: id, state, accuracy, error }, 'evaluation ended'),
    onProblem: (error) => log.error({ err: error }, 'evaluations could not be saved or read'),
  });
  // An evaluation may run for minutes. `drain` ends it, so that the client that waits gets its answer.
  lifecycle.add({
    name: 'evaluations',
    drain: () => evaluations.interrupt(),
    close: () => evaluations.close(),
  });
  return evaluations;
}

/** Turns requests into evaluations.
 * @param served the version that a request without `model` and `version` means */
export function createEvaluating(
  { config }: Deps,
  {
    evaluations,
    served,
    dataModel,
    requireRoom,
  }: Pick<EvaluatingOptions, 'evaluations' | 'served' | 'dataModel' | 'requireRoom'>,
): Evaluating {
  const { storage, training, inference, images } = config;
  return new Evaluating({
    evaluations,
    modelsDirs: modelsDirsOf(config),
    stateDir: storage.stateDir,
    cacheDir: storage.cacheDir,
    data: training.data,
    dataModel,
    requireRoom,
    autoPrecision: { ...precisionSettingsOf(config), threads: instanceThreadsOf(config) },
    maxInputPixels: images.maxInputPixels,
    inference,
    served,
  });
}
