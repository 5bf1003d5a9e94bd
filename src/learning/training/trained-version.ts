import { rm } from 'node:fs/promises';
import type { Acceptance } from '../../models/repository/acceptance.js';
import { learnedOutput } from '../../models/repository/model-output.js';
import { type ManifestDraft, writeVersion } from '../../models/repository/write-version.js';
import { driftBaselineOf } from '../evaluation/baseline.js';
import { metricsOf } from '../evaluation/multi-label-metrics.js';
import { describeSources } from './data-report.js';
import type { ImageSets } from './image-sets.js';
import { incumbentAccuracy } from './incumbent.js';
import type { Learned } from './learned.js';
import type { TrainingEvent, TrainingRequest } from './training.js';
import type { TrainingData } from './training-data.js';

/** Until it is activated, no server may serve the version unasked. */
const CANDIDATE: Acceptance = { state: 'candidate', reason: 'It was trained but never activated.' };

/** A training that has ended. */
export interface EndedTraining {
  readonly request: TrainingRequest;
  readonly data: TrainingData;
  readonly sets: ImageSets;
  readonly learned: Learned;
}

/**
 * Writes a new version of the model, and deletes the checkpoint.
 * @throws FoveaError `training_failed`
 */
export async function writeTrainedVersion(
  training: EndedTraining,
): Promise<Extract<TrainingEvent, { type: 'finished' }>> {
  const { request, data, sets, learned } = training;
  const { models_dir: modelsDir, other_models_dirs: otherDirs, is_candidate: isCandidate } = request;
  const manifest = manifestOf(training);
  const { version, directory } = await writeVersion(modelsDir, manifest, learned.files, {
    otherDirs,
    acceptance: isCandidate ? CANDIDATE : undefined,
  });
  await rm(request.checkpoint_dir, { recursive: true, force: true });
  return {
    type: 'finished',
    version,
    directory,
    validation_accuracy: manifest.metrics?.validation?.accuracy ?? 0,
    incumbent_accuracy: (await accuracyOfIncumbent(request, data, sets)) ?? null,
    test_accuracy: manifest.metrics?.test?.accuracy ?? null,
    seconds: learned.seconds,
  };
}

async function accuracyOfIncumbent(
  { incumbent }: TrainingRequest,
  { train: images, labels, labelSets }: TrainingData,
  { validation: indices }: ImageSets,
): Promise<number | undefined> {
  if (incumbent === null) return undefined;
  const options = { directory: incumbent.directory, images, indices, labels, labelSets };
  // The comparison is optional: an incumbent whose files are gone must not fail the training.
  return incumbentAccuracy(options).catch(() => undefined);
}

function manifestOf({ request, data, sets, learned }: EndedTraining): ManifestDraft {
  const { model, data_note: note, command } = request;
  const { description, labels } = data;
  const { input, labelIds: ids, parent, settings, curves, seconds, validation, test } = learned;
  return {
    format: 2,
    model,
    created_at: new Date().toISOString(),
    description: learned.description,
    labels: [...labels],
    // Ids of new labels are not known.
    ...(ids?.length === labels.length && { label_ids: [...ids] }),
    input,
    output: {
      ...learnedOutput(data.labelSets),
      ...(learned.unfamiliarAbove !== undefined && { unfamiliar_above: learned.unfamiliarAbove }),
    },
    ...(learned.trunk !== undefined && { trunk: learned.trunk }),
    training: {
      command,
      data: note === null ? description : `${note} (${description})`,
      data_fingerprint: data.fingerprint,
      ...(typeof request.data !== 'string' && { sources: describeSources(data, validation, test) }),
      train_images: sets.train.length,
      validation_images: sets.validation.length,
      parent,
      engine: learned.engine,
      settings,
      curves: [...curves],
      seconds,
      ...(learned.temperature !== undefined && { temperature: learned.temperature }),
    },
    metrics: {
      validation: metricsOf(validation, data.labelSets),
      ...(test !== undefined && { test: metricsOf(test, data.labelSets) }),
    },
    drift_baseline: driftBaselineOf(data.train, sets.validation, input, {
      ...validation,
      output: learnedOutput(data.labelSets),
    }),
  };
}
