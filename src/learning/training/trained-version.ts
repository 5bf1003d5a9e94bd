import { rm } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs-node-gpu';
import type { Acceptance } from '../../models/repository/acceptance.js';
import type { Manifest } from '../../models/repository/manifest.js';
import { type ManifestDraft, writeVersion } from '../../models/repository/write-version.js';
import { areFinite } from '../../platform/are-finite.js';
import { FoveaError } from '../../platform/errors.js';
import { driftBaselineOf } from '../evaluation/baseline.js';
import { computeMetrics } from '../evaluation/metrics.js';
import { calibrationFile } from './calibration-file.js';
import type { TrainingProgress } from './checkpoint.js';
import { describeSources } from './data-report.js';
import { answersOf, type ImageSets } from './image-sets.js';
import { incumbentAccuracy } from './incumbent.js';
import { parameterCount } from './network-files.js';
import { saveModel } from './save-model.js';
import type { StartingPoint } from './starting-point.js';
import type { Trainer } from './trainer.js';
import type { TrainingEvent, TrainingRequest } from './training.js';
import type { TrainingData } from './training-data.js';

/** Until it is activated, no server may serve the version unasked. */
const CANDIDATE: Acceptance = { state: 'candidate', reason: 'It was trained but never activated.' };

/** A training whose last epoch has ended. */
export interface EndedTraining {
  readonly request: TrainingRequest;
  readonly start: StartingPoint;
  readonly data: TrainingData;
  readonly sets: ImageSets;
  readonly trainer: Trainer;
  readonly progress: TrainingProgress;
}

/** Measurements of the manifest. */
type Measured = Pick<ManifestDraft, 'metrics' | 'drift_baseline'> &
  Pick<NonNullable<Manifest['training']>, 'sources'>;

/**
 * Measures the best averaged weights, writes them as a new version of the model, and deletes the checkpoint.
 * @throws FoveaError `training_failed` when a weight is not finite
 */
export async function writeTrainedVersion(
  training: EndedTraining,
): Promise<Extract<TrainingEvent, { type: 'finished' }>> {
  const { request, start, data, sets, progress } = training;
  const weights = finiteWeights(training.trainer);
  const measured = measure(training);
  const files = saveModel(start.model, weights);
  const calibration = await calibrationFile(files, {
    input: start.input,
    dropFirst: 0,
    images: data.train,
    train: sets.train,
    validation: sets.validation,
  });
  const { models_dir: modelsDir, other_models_dirs: otherDirs, is_candidate: isCandidate } = request;
  const { version, directory } = await writeVersion(
    modelsDir,
    manifestOf(training, measured),
    { ...files, ...calibration },
    { otherDirs, acceptance: isCandidate ? CANDIDATE : undefined },
  );
  await rm(request.checkpoint_dir, { recursive: true, force: true });
  return {
    type: 'finished',
    version,
    directory,
    validation_accuracy: measured.metrics.validation.accuracy,
    incumbent_accuracy: (await accuracyOfIncumbent(request, data, sets)) ?? null,
    test_accuracy: measured.metrics.test?.accuracy ?? null,
    seconds: progress.seconds,
  };
}

function finiteWeights(trainer: Trainer): Map<string, Float32Array> {
  const weights = trainer.bestWeights();
  for (const [name, values] of weights) {
    if (areFinite(values)) continue;
    const message = `The training diverged: the weight ${name} is not finite. Lower learning_rate.`;
    throw new FoveaError('training_failed', message);
  }
  return weights;
}

function measure({ request, start, data, sets, trainer }: EndedTraining) {
  const { labels } = data;
  const { best } = trainer;
  const validation = answersOf(trainer, { labels, images: data.train, indices: sets.validation }, best);
  const test =
    sets.test.length === 0
      ? undefined
      : answersOf(trainer, { labels, images: data.test, indices: sets.test }, best);
  return {
    metrics: {
      validation: computeMetrics(validation),
      ...(test !== undefined && { test: computeMetrics(test) }),
    },
    drift_baseline: driftBaselineOf(data.train, sets.validation, start.input, validation),
    ...(typeof request.data !== 'string' && { sources: describeSources(data, validation, test) }),
  };
}

async function accuracyOfIncumbent(
  { incumbent }: TrainingRequest,
  { train: images, labels }: TrainingData,
  { validation: indices }: ImageSets,
): Promise<number | undefined> {
  if (incumbent === null) return undefined;
  const options = { directory: incumbent.directory, images, indices, labels };
  // The comparison is optional: an incumbent whose files are gone must not fail the training.
  return incumbentAccuracy(options).catch(() => undefined);
}

function manifestOf(
  { request, start, data, sets, progress }: EndedTraining,
  { metrics, drift_baseline, sources }: Measured,
): ManifestDraft {
  const { model, settings, data_note: note, command } = request;
  const { description, labels } = data;
  const { input, parent, labelIds: ids } = start;
  return {
    format: 2,
    model,
    created_at: new Date().toISOString(),
    description: `${parameterCount(start.model)} parameters, best of ${settings.epochs} epochs: ${progress.best_epoch}`,
    labels: [...labels],
    // Ids of new labels are not known.
    ...(ids?.length === labels.length && { label_ids: [...ids] }),
    input,
    training: {
      command,
      data: note === null ? description : `${note} (${description})`,
      data_fingerprint: progress.data_fingerprint,
      ...(sources !== undefined && { sources }),
      train_images: sets.train.length,
      validation_images: sets.validation.length,
      parent,
      engine: `tensorflow ${tf.version['tfjs-node']}`,
      settings,
      curves: progress.curves,
      seconds: progress.seconds,
    },
    metrics,
    drift_baseline,
  };
}
