import { stretchedInput } from '../../models/repository/image-input.js';
import type { ModelVersion } from '../../models/repository/model-version.js';
import { FoveaError } from '../../platform/errors.js';
import { openBase } from './base.js';
import { Epochs } from './epochs.js';
import { type ImageSets, imageSetsOf } from './image-sets.js';
import type { Learned } from './learned.js';
import { loadData } from './load-data.js';
import { MemoryGuard } from './memory-guard.js';
import { startAnew, startFrom } from './starting-point.js';
import { writeTrainedVersion } from './trained-version.js';
import type { TrainingEvent, TrainingRequest } from './training.js';
import type { TrainingData } from './training-data.js';

interface Lesson {
  readonly request: TrainingRequest;
  readonly base: ModelVersion | undefined;
  readonly data: TrainingData;
  readonly sets: ImageSets;
  readonly report: (event: TrainingEvent) => void;
  readonly guard: MemoryGuard;
}

function headWithoutBase(): FoveaError {
  return new FoveaError('bad_request', 'A head is learned on a base: name the version to start from.');
}

async function learn({ base, ...lesson }: Lesson): Promise<Learned> {
  const { request, data } = lesson;
  const { settings } = request;
  if (settings.learn === 'head') {
    if (base === undefined) throw headWithoutBase();
    // Imported late: it loads the reader and writer of ONNX files.
    const { learnHead } = await import('./head/learn-head.js');
    return learnHead({ ...lesson, base });
  }
  const input = stretchedInput(request.input);
  const start =
    base === undefined
      ? await startAnew(input, data.labels.length, settings)
      : await startFrom(base, data.labels, settings);
  return new Epochs({ ...lesson, start }).run();
}

/** The labels that the data's classes are matched with. A head on another model's trunk has labels of its own. */
function knownLabels({ model, known_labels: given }: TrainingRequest, base: ModelVersion | undefined) {
  return base?.model === model ? base.manifest.labels : (given ?? undefined);
}

/**
 * Trains a network and writes it as a new version of its model. It blocks for seconds; run it in a child process.
 * @throws FoveaError `dataset_invalid`, `training_failed`, `out_of_memory`, `engine_unavailable`
 */
export async function fit(request: TrainingRequest, report: (event: TrainingEvent) => void): Promise<void> {
  const guard = new MemoryGuard(request.max_memory_bytes);
  const base = request.base_directory === null ? undefined : await openBase(request.base_directory);
  if (request.settings.learn === 'head' && base === undefined) throw headWithoutBase();
  const input = base?.manifest.input ?? stretchedInput(request.input);
  const data = await loadData(request, { input, known: knownLabels(request, base) }, (event) => {
    guard.check();
    report(event);
  });
  const sets = imageSetsOf(data);
  const learned = await learn({ request, base, data, sets, report, guard });
  report(await writeTrainedVersion({ request, data, sets, learned }));
}
