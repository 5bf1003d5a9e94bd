import { availableParallelism } from 'node:os';
import { exportOnnx } from '../../../models/exporting/onnx/export-onnx.js';
import { openModel } from '../../../models/formats/open-model.js';
import type { ImageInput } from '../../../models/repository/image-input.js';
import { modelOutputSchema } from '../../../models/repository/model-output.js';
import type { ModelVersion } from '../../../models/repository/model-version.js';
import { FoveaError } from '../../../platform/errors.js';
import { type Answers, computeMetrics } from '../../evaluation/metrics.js';
import type { ImageSets } from '../image-sets.js';
import type { Learned } from '../learned.js';
import type { MemoryGuard } from '../memory-guard.js';
import type { TrainingEvent, TrainingRequest } from '../training.js';
import type { TrainingData } from '../training-data.js';
import { FeatureReader } from './features.js';
import { type Features, fitHead, type Head, probabilitiesOf } from './fit-head.js';
import { trunkOf, withHead } from './trunk.js';

export interface HeadLesson {
  readonly request: TrainingRequest;
  readonly base: ModelVersion;
  readonly data: TrainingData;
  readonly sets: ImageSets;
  readonly report: (event: TrainingEvent) => void;
  readonly guard: MemoryGuard;
}

async function openTrunk(base: ModelVersion) {
  const compiled = await (await openModel(base)).plan();
  if ('plan' in compiled) return trunkOf(compiled.plan);
  const { layer, reason } = compiled.unsupported;
  throw new FoveaError('training_failed', `A head cannot be learned for this model: ${layer} ${reason}.`, {
    details: { layer },
  });
}

/** @throws FoveaError `dataset_invalid` for a label without training images: a new head would never answer it */
function requireAllClasses({ labels, train }: TrainingData, { train: indices }: ImageSets): void {
  const present = new Set([...indices].map((index) => train.classOf(index)));
  const missing = labels.filter((_, index) => !present.has(index));
  if (missing.length === 0) return;
  throw new FoveaError(
    'dataset_invalid',
    `A new head learns only what the data shows, and it shows no image to train on of ${missing.join(', ')}. Add images, or learn all weights of the base.`,
    { details: { labels: missing } },
  );
}

/** Learns a new last layer on the features that a trained network computes. The network itself stays as it is.
 * @throws FoveaError `training_failed`, `dataset_invalid`, `out_of_memory` */
export async function learnHead(lesson: HeadLesson): Promise<Learned> {
  const { request, base, data, sets, report, guard } = lesson;
  const { labels } = data;
  const started = performance.now();
  requireAllClasses(data, sets);
  const trunk = await openTrunk(base);
  const { input } = base.manifest;
  const total = sets.train.length + sets.validation.length + sets.test.length;
  let images = 0;
  const reader = new FeatureReader({
    trunk,
    input,
    threads: availableParallelism(),
    onImages: (count) => {
      guard.check();
      images += count;
      report({ type: 'features', images, images_total: total });
    },
  });
  const train = reader.read(data.train, sets.train, request.settings.flip);
  const validation = reader.read(data.train, sets.validation, false);
  const test = reader.read(data.test, sets.test, false);
  reader.dispose();
  const head = fitHead(train, validation, labels.length);
  const answers = (features: Features): Answers => ({
    labels,
    probabilities: probabilitiesOf(features, head),
    truth: [...features.classes],
  });
  const onValidation = answers(validation);
  const seconds = (performance.now() - started) / 1000;
  const curve = curveOf(answers(train), onValidation, seconds);
  report({ type: 'epoch', ...curve, is_best: true });
  const parent = `${base.model}/${base.version}`;
  return {
    parent,
    input: inputOfOnnx(input),
    labelIds: base.model === request.model ? base.manifest.label_ids : undefined,
    description: `A head of ${labels.length} classes on the ${trunk.classes} features of ${parent}`,
    settings: {
      learn: 'head',
      flip: request.settings.flip,
      validation_share: request.settings.validation_share,
      l2: head.l2,
    },
    curves: [curve],
    seconds,
    validation: onValidation,
    test: sets.test.length === 0 ? undefined : answers(test),
    files: { 'model.onnx': onnxOf(lesson, trunk, head) },
  };
}

/** As `exportOnnx` writes the input. */
function inputOfOnnx({ name: _, ...input }: ImageInput): ImageInput {
  return { ...input, layout: 'nchw' };
}

function onnxOf(
  { request, base, data }: HeadLesson,
  trunk: ReturnType<typeof trunkOf>,
  head: Head,
): Uint8Array {
  const { label_ids: _, ...manifest } = base.manifest;
  return exportOnnx(withHead(trunk, head), {
    ...manifest,
    model: request.model,
    labels: [...data.labels],
    output: modelOutputSchema.parse({}),
  });
}

function curveOf(train: Answers, validation: Answers, seconds: number) {
  const [onTrain, onValidation] = [computeMetrics(train), computeMetrics(validation)];
  return {
    epoch: 1,
    learning_rate: 0,
    loss: onTrain.log_loss,
    accuracy: onTrain.accuracy,
    validation_loss: onValidation.log_loss,
    validation_accuracy: onValidation.accuracy,
    seconds,
  };
}
