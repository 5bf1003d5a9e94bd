import { z } from 'zod';
import { manifestSchema } from '../../models/repository/manifest.js';
import { ARCHIVE_KINDS } from '../../platform/archives/archive-kind.js';
import { wireErrorSchema } from '../../platform/wire-error.js';
import { LABEL_COUNTS } from '../datasets/label-table.js';

/*
 * The catalogue of uploaded training images, below the state directory:
 *
 *   catalogue/catalogue.db                one row per image and model, with its label
 *   catalogue/images/<2 digits>/<sha256>  the image files as uploaded; the folder is the hash's first two digits
 *   catalogue/staging/<change>            files of a running change; one left over means an interrupted change
 *
 * Only the catalogue process writes, one change at a time. The server, training and evaluation only read.
 */

export const CATALOGUE_FOLDER = 'catalogue';
export const CATALOGUE_FILE = 'catalogue.db';

export const CATALOGUE_SPLITS = ['train', 'test'] as const;

/** Path of an image, relative to the catalogue's folder. @param sha256 of the file, in hexadecimal */
export function catalogueImagePath(sha256: string): string {
  return `images/${sha256.slice(0, 2)}/${sha256}`;
}

/** The columns of `images` that readers need. The key of the table is (model, sha256). */
export const catalogueRowSchema = z.object({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** The class, in the model's spelling where the model has the class; several labels as `labelText` writes them. */
  label: z.string(),
  split: z.enum(CATALOGUE_SPLITS),
});

export type CatalogueRow = z.infer<typeof catalogueRowSchema>;

/** DDL of version 1 of the database. */
export const CATALOGUE_SCHEMA = `
  CREATE TABLE uploads (
    id TEXT PRIMARY KEY,
    model TEXT NOT NULL,
    -- Name of a key, or a hashed address.
    client TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('files', 'archive', 'feedback')),
    created_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE images (
    model TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    label TEXT NOT NULL,
    split TEXT NOT NULL CHECK (split IN ('train', 'test')),
    upload_id TEXT NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
    -- As the client named it.
    file_name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (model, sha256)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX images_by_upload ON images (upload_id);
  -- Several models may name one file.
  CREATE INDEX images_by_hash ON images (sha256);
  CREATE INDEX images_by_time ON images (model, created_ms, sha256);
`;

export const UPLOAD_SOURCES = ['files', 'archive', 'feedback'] as const;

/** An image file in staging. */
const stagedImageSchema = z.strictObject({
  path: z.string(),
  /** File name given by the client. */
  name: z.string(),
  className: z.string(),
  /** Null: the split is chosen by the image's hash. */
  split: z.enum(CATALOGUE_SPLITS).nullable(),
});

export type StagedImage = z.infer<typeof stagedImageSchema>;

/** Tasks of the catalogue process; `folder` is the catalogue's folder. */
export const catalogueTaskSchema = z.discriminatedUnion('do', [
  z.strictObject({
    do: z.literal('add'),
    folder: z.string(),
    upload: z.strictObject({
      id: z.uuid(),
      model: z.string(),
      client: z.string(),
      source: z.enum(UPLOAD_SOURCES),
    }),
    content: z.union([
      z.strictObject({ images: z.array(stagedImageSchema) }),
      z.strictObject({ archive: z.strictObject({ path: z.string(), kind: z.enum(ARCHIVE_KINDS) }) }),
    ]),
    /** The model's labels in output order. */
    labels: z.array(z.string()),
    /** Whether an image has one label or any number of them. */
    label_count: z.enum(LABEL_COUNTS),
    input: manifestSchema.shape.input,
    limits: z.strictObject({
      images: z.int().positive(),
      /** Largest sum of the sizes of all unpacked files. */
      unpacked_bytes: z.int().positive(),
      file_bytes: z.int().positive(),
      catalogue_bytes: z.int().positive(),
      input_pixels: z.int().positive(),
    }),
  }),
  z.strictObject({ do: z.literal('remove_upload'), folder: z.string(), upload: z.string() }),
  z.strictObject({
    do: z.literal('remove_image'),
    folder: z.string(),
    model: z.string(),
    sha256: z.string(),
  }),
  z.strictObject({ do: z.literal('remove_model'), folder: z.string(), model: z.string() }),
  /** Deletes the leftovers of interrupted changes. */
  z.strictObject({ do: z.literal('clean'), folder: z.string() }),
]);

export type CatalogueTask = z.infer<typeof catalogueTaskSchema>;
export type AddTask = Extract<CatalogueTask, { do: 'add' }>;

const imagesByLabelSchema = z.record(z.string(), z.strictObject({ train: z.int(), test: z.int() }));

/** Result of an upload. */
export const addedSchema = z.strictObject({
  upload_id: z.uuid(),
  model: z.string(),
  /** Images that are new to the catalogue. */
  files_saved: z.int(),
  /** Images that the upload contains twice or that the catalogue has already. */
  duplicates: z.int(),
  bytes: z.int(),
  /** Labels that the model does not have. Retraining with the catalogue extends the model's head by them. */
  new_labels: z.array(z.string()),
  images: imagesByLabelSchema,
  /** The first 1000 of the saved images. */
  files: z.array(z.strictObject({ filename: z.string(), label: z.string() })),
  /** Images of an archive that its CSV files give no label, with the names of the first 1000. */
  left_out: z.strictObject({ images: z.int(), files: z.array(z.string()) }),
});

export type Added = z.infer<typeof addedSchema>;

export const removedSchema = z.strictObject({ images_removed: z.int() });

export type Removed = z.infer<typeof removedSchema>;

/** The catalogue process sends exactly one event, then ends. */
export const catalogueEventSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('finished'), result: z.union([addedSchema, removedSchema]) }),
  z.strictObject({
    type: z.literal('failed'),
    error: wireErrorSchema,
  }),
]);

export type CatalogueEvent = z.infer<typeof catalogueEventSchema>;

/** One image of the catalogue. */
export const catalogueImageSchema = z.strictObject({
  sha256: z.string(),
  model: z.string(),
  label: z.string(),
  split: z.enum(CATALOGUE_SPLITS),
  upload_id: z.string(),
  file_name: z.string(),
  media_type: z.string(),
  bytes: z.int(),
  width: z.int(),
  height: z.int(),
  created_at: z.iso.datetime(),
});

/** Filters of the catalogue's images; all of them must match. */
export const catalogueQuerySchema = z.object({
  model: z.string().min(1).optional().describe('Only images of this model.'),
  label: z
    .string()
    .min(1)
    .optional()
    .describe('Only images with this label; case and punctuation do not matter.'),
  split: z.enum(CATALOGUE_SPLITS).optional().describe('Only images of this split.'),
  upload: z.uuid().optional().describe('Only images of this upload.'),
  limit: z.int().min(1).max(500).default(50).describe('Images on a page.'),
  after: z.string().min(1).max(200).optional().describe('`next` of the page before.'),
});

export type CatalogueQuery = z.infer<typeof catalogueQuerySchema>;

/** A page of images, with totals over all matching images. */
export const cataloguePageSchema = z.strictObject({
  /** Sorted by model and hash. */
  images: z.array(catalogueImageSchema),
  /** Cursor of the next page; null on the last page. */
  next: z.string().nullable(),
  /** Totals over all matching images, by model and label. */
  totals: z.array(
    z.strictObject({
      model: z.string(),
      label: z.string(),
      train: z.int(),
      test: z.int(),
      bytes: z.int(),
    }),
  ),
  /** Size of the whole catalogue. */
  bytes: z.int(),
  max_bytes: z.int(),
});

export type CataloguePage = z.infer<typeof cataloguePageSchema>;

/** One upload; `images` and `bytes` count the images that still exist. */
export const uploadSchema = z.strictObject({
  id: z.string(),
  model: z.string(),
  client: z.string(),
  source: z.enum(UPLOAD_SOURCES),
  created_at: z.iso.datetime(),
  images: z.int(),
  bytes: z.int(),
});

export type Upload = z.infer<typeof uploadSchema>;
