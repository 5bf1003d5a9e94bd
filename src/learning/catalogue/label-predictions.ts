import { constants, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { History } from '../../insight/history/history.js';
import type { StoredPrediction } from '../../insight/history/stored-prediction.js';
import type { ToldTruth, Truth } from '../../insight/history/truth.js';
import { FoveaError } from '../../platform/errors.js';
import { labelFinder } from '../../platform/match-label.js';
import type { Catalogue, KnownImage, Uploader } from './catalogue.js';
import type { Added } from './catalogue-schema.js';
import { classNameOf, type FeedbackImagesOptions } from './feedback-images.js';
import { Problems } from './problems.js';

/** Predictions read concurrently; more would fill the queue of reads. */
const READS_AT_ONCE = 32;

/** A past prediction and what its image shows. */
export interface ToldPrediction {
  readonly id: string;
  /** Labels of the model, in which case and punctuation do not matter, their ids or indices. */
  readonly truth: Truth;
}

export interface LabelPredictionsParts extends Pick<FeedbackImagesOptions, 'pathOf'> {
  readonly history: Pick<History, 'byId' | 'feedback'>;
  readonly catalogue: Pick<Catalogue, 'addKnown'>;
}

export interface LabelResult {
  readonly id: string;
  /** As the model spells it. */
  readonly truth: ToldTruth;
  /** False when the training data had the image already, with these labels. */
  readonly isAdded: boolean;
  /** False when the version that answered does not know the labels. */
  readonly hasFeedback: boolean;
}

interface Labelled {
  readonly id: string;
  readonly truth: ToldTruth;
  readonly path: string;
}

const NOT_KEPT = 'its image is not kept, or no longer';

/** @returns undefined for an id that was never given */
async function find({ history }: LabelPredictionsParts, id: string): Promise<StoredPrediction | undefined> {
  try {
    return await history.byId(id);
  } catch (error) {
    if (FoveaError.from(error).code === 'not_found') return undefined;
    throw error;
  }
}

/** Why the image of a prediction cannot be labelled; undefined when it can. */
function problemOf(prediction: StoredPrediction, model: string): string | undefined {
  const { model: answering, shadow_of: shadowOf, predicted_class: answer } = prediction;
  if (answering !== model) return `its model is ${answering ?? 'unknown'}, not ${model}`;
  if (shadowOf !== null) return `a shadow gave this answer: label ${shadowOf}, which was returned`;
  return answer === null ? 'this prediction failed' : undefined;
}

/** The truth as the model spells it, or why it is none. */
function spell(truth: Truth, { model, labels, labelIds = [], task }: Uploader): ToldTruth | string {
  const find = labelFinder(labels);
  const told = 'labels' in truth ? truth.labels : [truth.label];
  const indices = told.map((wanted) =>
    typeof wanted === 'number' ? wanted : (find(wanted) ?? labelIds.indexOf(wanted)),
  );
  const unknown = told.find((_, place) => labels[indices[place] ?? -1] === undefined);
  if (unknown !== undefined) return `${model} has no class "${unknown}"`;
  const names = labels.filter((_, index) => indices.includes(index));
  const [name = ''] = names;
  if (task === 'multi')
    return 'labels' in truth
      ? { labels: names }
      : `${model} gives several labels: send labels, all true ones`;
  return 'label' in truth ? { label: name } : `${model} gives one class an image: send label`;
}

/** @throws FoveaError `dataset_invalid` with the problems of all */
async function resolve(
  parts: LabelPredictionsParts,
  uploader: Uploader,
  told: readonly ToldPrediction[],
): Promise<Labelled[]> {
  const problems = new Problems();
  const resolveOne = async ({ id, truth: wanted }: ToldPrediction): Promise<Labelled | undefined> => {
    const refuse = (what: string): undefined => {
      problems.add({ name: id }, what);
    };
    const prediction = await find(parts, id);
    if (prediction === undefined) return refuse('there is no such prediction');
    const problem = problemOf(prediction, uploader.model);
    if (problem !== undefined) return refuse(problem);
    const truth = spell(wanted, uploader);
    if (typeof truth === 'string') return refuse(truth);
    const { image_sha256: sha256 } = prediction;
    const path = sha256 === null ? undefined : parts.pathOf(sha256);
    return path === undefined ? refuse(NOT_KEPT) : { id, truth, path };
  };
  const resolved: (Labelled | undefined)[] = [];
  for (let start = 0; start < told.length; start += READS_AT_ONCE)
    resolved.push(...(await Promise.all(told.slice(start, start + READS_AT_ONCE).map(resolveOne))));
  problems.refuse();
  return resolved.filter((image) => image !== undefined);
}

/** @throws FoveaError `dataset_invalid` when images were evicted meanwhile */
async function copyInto(directory: string, images: readonly Labelled[]): Promise<KnownImage[]> {
  const problems = new Problems();
  const copies: KnownImage[] = [];
  for (const [place, { id, truth, path }] of images.entries()) {
    const copy = join(directory, String(place));
    try {
      await copyFile(path, copy, constants.COPYFILE_FICLONE);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
      problems.add({ name: id }, NOT_KEPT);
    }
    copies.push({ path: copy, name: id, className: classNameOf(truth) });
  }
  problems.refuse();
  return copies;
}

/** @returns false where the version that answered does not know the labels */
async function tell({ history }: LabelPredictionsParts, { id, truth }: Labelled): Promise<boolean> {
  try {
    await history.feedback(id, truth);
    return true;
  } catch (error) {
    if (FoveaError.from(error).code === 'bad_request') return false;
    throw error;
  }
}

/**
 * Adds the kept images of predictions to the training data, then stores the labels as feedback. All images are added, or
 * none. Feedback that fails is stored by the same call made again.
 * @throws FoveaError `dataset_invalid` with every problem; those of `Catalogue.addKnown` and `History.feedback`
 */
export async function labelPredictions(
  parts: LabelPredictionsParts,
  uploader: Uploader,
  told: readonly ToldPrediction[],
): Promise<{ readonly added: Added; readonly results: readonly LabelResult[] }> {
  const images = await resolve(parts, uploader, told);
  const added = await parts.catalogue.addKnown(uploader, (directory) => copyInto(directory, images));
  const addedIds = new Set(added.files.map(({ filename }) => filename));
  const results: LabelResult[] = [];
  for (const image of images) {
    const { id, truth } = image;
    results.push({ id, truth, isAdded: addedIds.has(id), hasFeedback: await tell(parts, image) });
  }
  return { added, results };
}
