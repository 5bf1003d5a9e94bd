import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { FoveaError } from '../../platform/errors.js';
import { openToRead } from '../../platform/sqlite/open-database.js';
import { CATALOGUE_FILE, catalogueImagePath, catalogueRowSchema } from '../catalogue/catalogue-schema.js';
import { type ImageSource, type SourceImage, SPLITS } from './dataset.js';

/**
 * Rows per page. Each page is read in a transaction of its own, because a transaction that stays open while images
 * are decoded would keep the write-ahead log growing.
 */
const ROWS_PER_PAGE = 500;

const ROWS = `FROM images WHERE model = @model AND (@upload IS NULL OR upload_id = @upload) AND created_ms <= @until`;
const rowsSchema = z.array(catalogueRowSchema);

/** Selects images of the catalogue. */
export interface CatalogueSelection {
  readonly model: string;
  /** Only images of this upload. */
  readonly upload?: string | undefined;
  /** Only images uploaded until this time. */
  readonly untilMs?: number | undefined;
}

interface Parameters {
  readonly model: string;
  readonly upload: string | null;
  readonly until: number;
}

function parametersOf({ model, upload, untilMs }: CatalogueSelection): Parameters {
  return { model, upload: upload ?? null, until: untilMs ?? Number.MAX_SAFE_INTEGER };
}

function open(folder: string): Database {
  return openToRead(join(folder, CATALOGUE_FILE));
}

function hasImages(folder: string, selection: CatalogueSelection): boolean {
  if (!existsSync(join(folder, CATALOGUE_FILE))) return false;
  try {
    const database = open(folder);
    try {
      return database.prepare(`SELECT 1 ${ROWS} LIMIT 1`).get(parametersOf(selection)) !== undefined;
    } finally {
      database.close();
    }
  } catch (cause) {
    throw new FoveaError('dataset_invalid', 'The catalogue cannot be read.', { cause });
  }
}

/** @throws FoveaError `dataset_invalid` when no image matches */
export function requireImages(folder: string, selection: CatalogueSelection): void {
  if (hasImages(folder, selection)) return;
  throw new FoveaError(
    'dataset_invalid',
    selection.upload === undefined
      ? 'The catalogue has no images of this model. Upload some: POST /api/upload/training-data.'
      : 'The catalogue has no images of this upload for this model.',
  );
}

/** @returns undefined when the file does not exist */
async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * The selected images, sorted by hash. An image whose row is deleted during the read is skipped.
 * @throws FoveaError `dataset_invalid` at once when no image matches; while reading, when the file of an existing row
 *   is missing or has changed
 */
export function catalogueSource(folder: string, selection: CatalogueSelection): ImageSource {
  requireImages(folder, selection);
  const { model, upload } = selection;
  return {
    description:
      upload === undefined ? 'uploaded images of the catalogue' : `uploaded images of upload ${upload}`,
    encoding: 'file',
    isCatalogue: true,
    async *images(splits = SPLITS): AsyncIterable<SourceImage> {
      const database = open(folder);
      try {
        const page = database.prepare(
          `SELECT sha256, label, split ${ROWS} AND sha256 > @after ORDER BY sha256 LIMIT ${ROWS_PER_PAGE}`,
        );
        const exists = database.prepare('SELECT 1 FROM images WHERE model = ? AND sha256 = ?');
        const read = async (sha256: string): Promise<Buffer | undefined> => {
          const bytes = await readIfThere(join(folder, catalogueImagePath(sha256)));
          if (bytes === undefined && exists.get(model, sha256) === undefined) return undefined;
          if (bytes !== undefined && createHash('sha256').update(bytes).digest('hex') === sha256)
            return bytes;
          throw new FoveaError(
            'dataset_invalid',
            `The file of image ${sha256} of the catalogue ${bytes === undefined ? 'is missing' : 'has changed'}. Delete the image from the catalogue.`,
            { details: { sha256 } },
          );
        };
        let after = '';
        for (;;) {
          const rows = rowsSchema.parse(page.all({ ...parametersOf(selection), after }));
          for (const { sha256, label, split } of rows) {
            const bytes = splits.includes(split) ? await read(sha256) : undefined;
            if (bytes !== undefined) yield { split, className: label, bytes, sha256 };
          }
          const last = rows.at(-1);
          if (last === undefined) return;
          after = last.sha256;
        }
      } finally {
        database.close();
      }
    },
  };
}
