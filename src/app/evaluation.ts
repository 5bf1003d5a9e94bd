import { Evaluating } from '../learning/evaluation/evaluating.js';
import { Evaluations } from '../learning/evaluation/evaluations.js';
import type { AskState } from '../learning/state/state-calls.js';
import type { ModelVersion } from '../models/repository/model-version.js';
import { calibrationsDirOf, modelsDirsOf } from './config/derived.js';
import type { Surroundings } from './surroundings.js';

/** Evaluations, one at a time, in a process of their own. */
export function makeEvaluations({ config, log, env, lifecycle }: Surroundings, ask: AskState): Evaluations {
  const { evaluation } = config;
  const evaluations = new Evaluations({
    ask,
    env,
    timeoutMs: evaluation.timeoutMs,
    onEnd: ({ id, state, accuracy, error }) =>
      log.info({ evaluation: id, state, accuracy, error }, 'evaluation ended'),
    onProblem: (error) => log.error({ err: error }, 'evaluations could not be kept or read'),
  });
  // An evaluation may run for minutes: the client that waits for it is told as soon as the server drains.
  lifecycle.add({
    name: 'evaluations',
    drain: () => evaluations.interrupt(),
    close: () => evaluations.close(),
  });
  return evaluations;
}

/** What clients may have evaluated.
 * @param served the version that is meant where a request names none */
export function makeEvaluating(
  { config }: Surroundings,
  { evaluations, served }: { readonly evaluations: Evaluations; readonly served: () => ModelVersion },
): Evaluating {
  const { storage, training, inference, images } = config;
  return new Evaluating({
    evaluations,
    modelsDirs: modelsDirsOf(config),
    stateDir: storage.stateDir,
    cacheDir: storage.cacheDir,
    data: training.data,
    calibrationsDir: calibrationsDirOf(config),
    maxInputPixels: images.maxInputPixels,
    inference,
    served,
  });
}
