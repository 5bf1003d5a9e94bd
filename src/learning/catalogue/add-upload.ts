import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { FoveaError } from '../../platform/errors.js';
import { numberLabels, sortClassNames } from '../datasets/class-numbers.js';
import { labelText, namesInText } from '../datasets/label-sets.js';
import type { Added, AddTask, CatalogueRow, StagedImage } from './catalogue-schema.js';
import { type CheckedImage, checkImages } from './check-images.js';
import { deleteUnnamed, placeImages, stagingOf } from './image-files.js';
import { Problems } from './problems.js';
import type { UnpackLimits } from './unpack-budget.js';
import { unpackImages } from './unpack-images.js';

/** Images without a split whose first hash byte is below this become test images: 26 of 256, about 10 %. */
const TEST_OF_256 = 26;
const MAX_LISTED_FILES = 1000;

const labelRows = z.array(z.object({ label: z.string() }));
const bytesRow = z.object({ bytes: z.int() });
const knownRow = z.object({ label: z.string() }).optional();

/** Names of labels, and the text that the catalogue stores for them. */
interface Spelt {
  readonly label: string;
  readonly names: readonly string[];
}

interface NewImage extends CheckedImage, Spelt {
  readonly finalSplit: CatalogueRow['split'];
}

interface Staged {
  readonly images: readonly StagedImage[];
  /** Names of images without a label. */
  readonly leftOut: readonly string[];
}

async function stagedImages({
  folder,
  upload,
  content,
  limits,
  label_count: count,
}: AddTask): Promise<Staged> {
  if ('images' in content) return { images: content.images, leftOut: [] };
  const { path, kind } = content.archive;
  const directory = join(stagingOf(folder, upload.id), 'unpacked');
  await mkdir(directory, { recursive: true });
  const unpackLimits: UnpackLimits = {
    maxFiles: limits.images,
    maxBytes: limits.unpacked_bytes,
    maxFileBytes: limits.file_bytes,
  };
  const { images, leftOut } = await unpackImages(path, kind, directory, { limits: unpackLimits, count });
  return { images: images.map(({ split, ...image }) => ({ ...image, split: split ?? null })), leftOut };
}

/** Maps each class name of the upload to the spelling of the model, else of the catalogue, else of the upload. */
function spellLabels(
  database: Database,
  { upload, labels, label_count: count }: AddTask,
  images: readonly CheckedImage[],
): ReadonlyMap<string, Spelt> {
  const stored = labelRows
    .parse(database.prepare('SELECT DISTINCT label FROM images WHERE model = ?').all(upload.model))
    .map(({ label }) => label);
  const texts = [...new Set(images.map(({ className }) => className.trim()))];
  const namesOf = (text: string, known: readonly string[]) =>
    count === 'one' ? [text] : namesInText(text, known);
  let known: readonly string[] = labels;
  /** The names in the spelling of a name before it; a new name becomes known. */
  const spell = (names: readonly string[]): string[] => {
    const numbers = names.map((name) => {
      const { labels: all, numbers } = numberLabels([name], known);
      known = all;
      return numbers[0] ?? -1;
    });
    return [...new Set(numbers)].sort((a, b) => a - b).map((number) => known[number] ?? '');
  };
  spell(sortClassNames(stored.flatMap((text) => namesOf(text, labels))));
  return new Map(
    texts.map((text) => {
      const names = spell(namesOf(text, known));
      return [text, { names, label: labelText(names) }];
    }),
  );
}

/**
 * The split of an image without one depends on its hash alone, so that the same image gets the same split in every
 * upload.
 */
function splitOf({ split, sha256 }: CheckedImage): CatalogueRow['split'] {
  return split ?? (Number.parseInt(sha256.slice(0, 2), 16) < TEST_OF_256 ? 'test' : 'train');
}

/**
 * Chooses the images that are neither in the catalogue nor earlier in this upload.
 * @throws FoveaError `dataset_invalid` when an image is already stored under another label
 */
function chooseNew(database: Database, task: AddTask, images: readonly CheckedImage[]): NewImage[] {
  const spelt = spellLabels(database, task, images);
  const find = database.prepare('SELECT label FROM images WHERE model = ? AND sha256 = ?');
  const problems = new Problems();
  const chosen = new Map<string, NewImage>();
  for (const image of images) {
    const { label, names } = spelt.get(image.className.trim()) ?? { label: image.className, names: [] };
    const earlier = chosen.get(image.sha256);
    const known = knownRow.parse(find.get(task.upload.model, image.sha256));
    if (earlier !== undefined && earlier.label !== label) {
      problems.add(
        image,
        `its label is "${label}", but ${earlier.name} is the same image with label "${earlier.label}"`,
      );
    } else if (known !== undefined && known.label !== label) {
      problems.add(
        image,
        `its label is "${label}", but the catalogue has it as "${known.label}" (${image.sha256}); delete that image first`,
      );
    } else if (earlier === undefined && known === undefined) {
      chosen.set(image.sha256, { ...image, label, names, finalSplit: splitOf(image) });
    }
  }
  problems.refuse();
  return [...chosen.values()];
}

/** @throws FoveaError `quota_exceeded` */
function checkQuota(database: Database, { limits }: AddTask, bytes: number): void {
  const sum = 'SELECT coalesce(sum(bytes), 0) AS bytes FROM images';
  const { bytes: stored } = bytesRow.parse(database.prepare(sum).get());
  if (stored + bytes <= limits.catalogue_bytes) return;
  throw new FoveaError('quota_exceeded', 'The catalogue of training images has no room for this upload.', {
    details: { stored_bytes: stored, upload_bytes: bytes, max_bytes: limits.catalogue_bytes },
  });
}

function insertRows(database: Database, { upload }: AddTask, images: readonly NewImage[]): void {
  const now = Date.now();
  const insertUpload = database.prepare(
    'INSERT INTO uploads (id, model, client, source, created_ms) VALUES (?, ?, ?, ?, ?)',
  );
  const insertImage = database.prepare(
    `INSERT INTO images (model, sha256, label, split, upload_id, file_name, media_type, bytes, width, height, created_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  database.transaction(() => {
    insertUpload.run(upload.id, upload.model, upload.client, upload.source, now);
    for (const { sha256, label, finalSplit, name, format, bytes, width, height } of images) {
      const row = [upload.model, sha256, label, finalSplit, upload.id, name, `image/${format}`];
      insertImage.run(...row, bytes, width, height, now);
    }
  })();
}

function countByLabel(images: readonly NewImage[]): Added['images'] {
  const counts: Record<string, { train: number; test: number }> = {};
  for (const { names, finalSplit } of images) {
    for (const label of names) {
      counts[label] ??= { train: 0, test: 0 };
      counts[label][finalSplit] += 1;
    }
  }
  return counts;
}

/**
 * Adds an upload whose files lie in staging. Adds all of its images or none.
 * @throws FoveaError `dataset_invalid`, `too_large`, `quota_exceeded`
 */
export async function addUpload(database: Database, task: AddTask): Promise<Added> {
  const { folder, upload, labels } = task;
  try {
    const { images: staged, leftOut } = await stagedImages(task);
    if (staged.length === 0) throw new FoveaError('dataset_invalid', 'The upload has no images.');
    const checked = await checkImages(staged, task);
    const images = chooseNew(database, task, checked);
    const bytes = images.reduce((sum, image) => sum + image.bytes, 0);
    checkQuota(database, task, bytes);
    try {
      await placeImages(folder, images);
      insertRows(database, task, images);
    } catch (error) {
      deleteUnnamed(
        folder,
        database,
        images.map(({ sha256 }) => sha256),
      );
      throw error;
    }
    const counts = countByLabel(images);
    return {
      upload_id: upload.id,
      model: upload.model,
      files_saved: images.length,
      duplicates: checked.length - images.length,
      bytes,
      new_labels: Object.keys(counts).filter((label) => !labels.includes(label)),
      images: counts,
      files: images.slice(0, MAX_LISTED_FILES).map(({ name, label }) => ({ filename: name, label })),
      left_out: { images: leftOut.length, files: leftOut.slice(0, MAX_LISTED_FILES) },
    };
  } finally {
    await rm(stagingOf(folder, upload.id), { recursive: true, force: true });
  }
}
