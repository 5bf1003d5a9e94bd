import { stretchedInput } from '../../models/repository/image-input.js';
import type { ModelVersion } from '../../models/repository/model-version.js';
import { openVersion } from '../../models/repository/open-version.js';
import { FoveaError } from '../../platform/errors.js';
import { imageSetsOf } from './image-sets.js';
import { choosePart } from './learn-part.js';
import type { Lesson } from './learn-steps.js';
import type { Learned } from './learned.js';
import { loadData } from './load-data.js';
import { MemoryGuard } from './memory-guard.js';
import { requireHead } from './require-head.js';
import { writeTrainedVersion } from './trained-version.js';
import type { TrainingEvent, TrainingRequest } from './training.js';
import { unfamiliarAboveOf } from './unfamiliar-above.js';

export interface FitOptions {
  readonly report: (event: TrainingEvent) => void;
  /** Loads TensorFlow, which only gradient descent needs; fetches it the first time.
   * @throws FoveaError `engine_unavailable` */
  readonly prepareTensorflow: () => Promise<void>;
}

async function learn(lesson: Lesson, { report, prepareTensorflow }: FitOptions): Promise<Learned> {
  const { request, base, data, sets } = lesson;
  const { model, settings } = request;
  const tellsUnfamiliar = unfamiliarAboveOf(request, base) !== undefined;
  const { learn, reason } = choosePart({ model, asked: settings.learn, tellsUnfamiliar, base, data, sets });
  if (reason !== undefined) report({ type: 'chosen', learn, reason });
  if (learn === 'head' && base !== undefined) {
    // Imported late: it loads the reader and writer of ONNX files.
    const { learnHead } = await import('./head/learn-head.js');
    return learnHead({ ...lesson, base });
  }
  await prepareTensorflow();
  // Imported late, because this import fails without libtensorflow.
  const { learnBySteps } = await import('./learn-steps.js');
  return learnBySteps({ ...lesson, request: { ...request, settings: { ...settings, learn } } });
}

/** The labels that the data's classes are matched with. A network for another model has labels of its own. */
function knownLabels({ model, known_labels: given }: TrainingRequest, base: ModelVersion | undefined) {
  return base?.model === model ? base.manifest.labels : (given ?? undefined);
}

/**
 * Trains a network and writes it as a new version of its model. It blocks for seconds; run it in a child process.
 * @throws FoveaError `bad_request`, `dataset_invalid`, `training_failed`, `out_of_memory`, `engine_unavailable`
 */
export async function fit(request: TrainingRequest, options: FitOptions): Promise<void> {
  const { report } = options;
  const { base_directory: directory } = request;
  const guard = new MemoryGuard(request.max_memory_bytes);
  const base =
    directory === null ? undefined : await openVersion({ directory, model: undefined, version: undefined });
  requireHead(request, base);
  if (base === undefined && !['all', 'auto'].includes(request.settings.learn))
    throw new FoveaError(
      'bad_request',
      'A part of a network is learned on a base: name the version to start from.',
    );
  if (base?.model === request.model && base.manifest.output.task !== request.task)
    throw new FoveaError(
      'bad_request',
      `The output.task of ${base.model}/${base.version} is ${base.manifest.output.task}, not ${request.task}. Train another model on it.`,
    );
  const input = base?.manifest.input ?? stretchedInput(request.input);
  const data = await loadData(request, { input, known: knownLabels(request, base) }, (event) => {
    guard.check();
    report(event);
  });
  const sets = imageSetsOf(data);
  const learned = await learn({ request, base, data, sets, report, guard }, options);
  report(await writeTrainedVersion({ request, data, sets, learned }));
}
