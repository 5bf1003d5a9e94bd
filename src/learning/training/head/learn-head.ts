import { join } from 'node:path';
import { exportOnnx } from '../../../models/exporting/onnx/export-onnx.js';
import { openModel } from '../../../models/formats/open-model.js';
import { foldPlanInPlace } from '../../../models/plan/fold.js';
import type { Plan, TrainingPlan } from '../../../models/plan/plan.js';
import { planDigest } from '../../../models/plan/plan-digest.js';
import { trunkOf } from '../../../models/plan/trunk.js';
import { CLASS_MEANS_FILE } from '../../../models/repository/feature-distance.js';
import { HEAD_FILE, headFileOf } from '../../../models/repository/head-file.js';
import type { ImageInput } from '../../../models/repository/image-input.js';
import type { Manifest } from '../../../models/repository/manifest.js';
import { learnedOutput } from '../../../models/repository/model-output.js';
import type { ModelVersion } from '../../../models/repository/model-version.js';
import { FoveaError } from '../../../platform/errors.js';
import { releaseMemory } from '../../../platform/spare-memory.js';
import type { Answers } from '../../evaluation/metrics.js';
import { metricsOf } from '../../evaluation/multi-label-metrics.js';
import type { ImageSets } from '../image-sets.js';
import type { Learned } from '../learned.js';
import type { MemoryGuard } from '../memory-guard.js';
import type { TrainingEvent, TrainingRequest } from '../training.js';
import type { TrainingData } from '../training-data.js';
import { unfamiliarAboveOf } from '../unfamiliar-above.js';
import { familiarFeaturesOf } from './class-means.js';
import { openFeatureCache } from './feature-cache.js';
import { FeatureReader, type Features, firstRows, joined } from './features.js';
import { fitHead, type Head, logitsOf, refitHead } from './fit-head.js';
import { requireTeachable } from './require-teachable.js';
import { probabilitiesOf, type Targets } from './targets.js';
import { temperatureOf } from './temperature.js';
import { viewsOf } from './views.js';
import { withHead } from './with-head.js';

export interface HeadLesson {
  readonly request: TrainingRequest;
  readonly base: ModelVersion;
  readonly data: TrainingData;
  readonly sets: ImageSets;
  readonly report: (event: TrainingEvent) => void;
  readonly guard: MemoryGuard;
}

/** The head that was fitted on the features of the training images. The trunk's weights are not kept: `openTrunk` reads them again. */
export interface FittedHead {
  /** `planDigest` of the trunk. */
  readonly trunkDigest: string;
  readonly head: Head;
  readonly features: {
    readonly train: Features;
    /** One view an image. */
    readonly validation: Features;
    /** Every view of the validation images. */
    readonly held: Features;
    readonly test: Features;
  };
}

/** The base without its last layer. */
export async function openTrunk(base: ModelVersion): Promise<TrainingPlan> {
  // The garbage so far is decoded images, or copies of features. The file and its weights need as much again.
  releaseMemory();
  const compiled = await (await openModel(base)).plan();
  releaseMemory();
  if ('plan' in compiled) return trunkOf(compiled.plan);
  const { layer, reason } = compiled.unsupported;
  throw new FoveaError('training_failed', `A head cannot be learned for this model: ${layer} ${reason}.`, {
    details: { layer },
  });
}

export function targetsOf({ labels, labelSets }: TrainingData): Targets {
  return { outputs: labels.length, labelSets };
}

/** Fits a softmax on the features that a trained network computes; with several labels an image, a sigmoid.
 * @throws FoveaError `training_failed`, `dataset_invalid`, `out_of_memory`, `engine_unavailable` */
export async function fitOnFeatures(lesson: HeadLesson): Promise<FittedHead> {
  const { request, base, data, sets, report, guard } = lesson;
  requireTeachable(data, sets);
  const trunk = await openTrunk(base);
  const trunkDigest = planDigest(trunk);
  const { input } = base.manifest;
  const { feature_cache_max_bytes: maxBytes, cache_dir: cacheDir } = request;
  const key = `${trunkDigest} ${JSON.stringify(inputOfOnnx(input))}`;
  const folder = join(cacheDir, 'features');
  const cache = openFeatureCache({ folder, maxBytes, key, width: trunk.classes });
  const total = sets.train.length + sets.validation.length + sets.test.length;
  let images = 0;
  const reader = new FeatureReader({
    trunk,
    input,
    cache,
    onImages: (count) => {
      guard.check();
      images += count;
      report({ type: 'features', images, images_total: total });
    },
  });
  const views = viewsOf(request.settings);
  const train = reader.read(data.train, sets.train, views);
  const held = reader.read(data.train, sets.validation, views);
  const test = reader.read(data.test, sets.test, views.slice(0, 1));
  reader.dispose();
  cache?.close();
  const validation = firstRows(held, sets.validation.length);
  const head = fitHead(train, validation, targetsOf(data));
  return { trunkDigest, head, features: { train, validation, held, test } };
}

/**
 * Learns a new last layer. The network below it stays as it is. The validation images choose the penalty and the temperature, and
 * give the validation metrics; then the head is fitted once more on all images, because a fifth of a few is worth a percent
 * of accuracy.
 * @throws FoveaError `training_failed`, `dataset_invalid`, `out_of_memory`, `engine_unavailable`
 */
export async function learnHead(lesson: HeadLesson): Promise<Learned> {
  const { request, base, data, sets, report } = lesson;
  const { labels, labelSets } = data;
  const targets = targetsOf(data);
  const started = performance.now();
  const { trunkDigest, head: fitted, features } = await fitOnFeatures(lesson);
  const { width } = features.train;
  const answersOf = (set: Features, head: Head): Answers => ({
    labels,
    probabilities: probabilitiesOf(logitsOf(set, head), targets),
    truth: set.classes,
  });
  const value = temperatureOf(logitsOf(features.validation, fitted), features.validation.classes, targets);
  const validation = answersOf(features.validation, cooled(fitted, value));
  const all = joined(features.train, features.held);
  const head = cooled(refitHead(all, targets, fitted.l2), value);
  // Clients send whole images, so the other views are left out.
  const whole = joined(firstRows(features.train, sets.train.length), features.validation);
  const familiar = familiarFeaturesOf(whole, targets);
  const seconds = (performance.now() - started) / 1000;
  const scoresOf = (answers: Answers) => metricsOf(answers, labelSets);
  const curve = curveOf(scoresOf(answersOf(features.train, head)), scoresOf(validation), seconds);
  report({ type: 'epoch', ...curve, is_best: true });
  const parent = `${base.model}/${base.version}`;
  const activation = labelSets === undefined ? 'softmax' : 'sigmoid';
  const errorOf = (answers: Answers) => scoresOf(answers).expected_calibration_error;
  return {
    parent,
    input: inputOfOnnx(base.manifest.input),
    labelIds: base.model === request.model ? base.manifest.label_ids : undefined,
    description: `A head of ${labels.length} ${labelSets === undefined ? 'classes' : 'labels'} on the ${width} features of ${parent}`,
    settings: {
      learn: 'head',
      flip: request.settings.flip,
      views: request.settings.views,
      validation_share: request.settings.validation_share,
      l2: head.l2,
      learns_validation_images: true,
    },
    temperature: {
      value,
      expected_calibration_error_before: errorOf(answersOf(features.validation, fitted)),
      expected_calibration_error: errorOf(validation),
    },
    engine: 'native',
    curves: [curve],
    seconds,
    validation,
    test: sets.test.length === 0 ? undefined : answersOf(features.test, head),
    trunk: {
      digest: trunkDigest,
      width,
      head: HEAD_FILE,
      ...(familiar && { distance: { class_means: CLASS_MEANS_FILE, ...familiar.scale } }),
    },
    unfamiliarAbove: familiar && unfamiliarAboveOf(request, base),
    files: {
      'model.onnx': onnxOf(lesson, withHead(await openTrunk(base), head, activation), foldPlanInPlace),
      [HEAD_FILE]: headFileOf(head),
      ...(familiar && { [CLASS_MEANS_FILE]: new Uint8Array(familiar.classMeans.buffer) }),
    },
  };
}

/** The same head, whose logits are divided by a temperature. */
function cooled({ kernel, bias, l2 }: Head, temperature: number): Head {
  return { kernel: kernel.map((weight) => weight / temperature), bias: bias.map((b) => b / temperature), l2 };
}

/** As `exportOnnx` writes the input. */
export function inputOfOnnx({ name: _, ...input }: ImageInput): ImageInput {
  return { ...input, layout: 'nchw' };
}

/** The file of a network whose classes are the data's labels. @param fold `foldPlanInPlace` where the plan is not used again */
export function onnxOf(
  { request, base, data }: Pick<HeadLesson, 'request' | 'base' | 'data'>,
  plan: TrainingPlan,
  fold?: (plan: TrainingPlan) => Plan,
): Uint8Array {
  const { label_ids: _, ...rest } = base.manifest;
  const manifest: Manifest = {
    ...rest,
    model: request.model,
    labels: [...data.labels],
    output: learnedOutput(data.labelSets),
  };
  return exportOnnx(plan, manifest, fold);
}

type Scores = ReturnType<typeof metricsOf>;

function curveOf(onTrain: Scores, onValidation: Scores, seconds: number) {
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
