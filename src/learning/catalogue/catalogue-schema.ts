import { z } from 'zod';
import { manifestSchema } from '../../models/repository/manifest.js';
import { wireErrorSchema } from '../../platform/wire-error.js';

/*
 * The catalogue of uploaded training images, below the state directory:
 *
 *   catalogue/catalogue.db               which images there are, and what they show
 *   catalogue/images/<2 digits>/<sha256>  the files, as uploaded; the digits are the name's first two
 *   catalogue/staging/<change>            what is on its way in or out; where one is left, the change was cut off
 *
 * Only the catalogue process writes, one change at a time; the server, training and evaluation open the database to
 * read it.
 */

export const CATALOGUE_FOLDER = 'catalogue';
export const CATALOGUE_FILE = 'catalogue.db';

export const CATALOGUE_SPLITS = ['train', 'test'] as const;

/** Where an image lies, relative to the catalogue's folder. @param sha256 of the file, in hexadecimal */
export function catalogueImagePath(sha256: string): string {
  return `images/${sha256.slice(0, 2)}/${sha256}`;
}

/** What a reader of the database finds in a row of `images`, whose key is the model and the sha256. */
export const catalogueRowSchema = z.object({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** The class, as the model spells it where it knows it. */
  label: z.string(),
  split: z.enum(CATALOGUE_SPLITS),
});

export type CatalogueRow = z.infer<typeof catalogueRowSchema>;

/** The tables, of the database's first version. */
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
export const ARCHIVE_KINDS = ['zip', 'tar', 'tar.gz', 'tar.xz'] as const;

/** An image file in staging. */
const stagedImageSchema = z.strictObject({
  path: z.string(),
  /** As the client named it. */
  name: z.string(),
  className: z.string(),
  /** Null leaves it to the image's hash. */
  split: z.enum(CATALOGUE_SPLITS).nullable(),
});

export type StagedImage = z.infer<typeof stagedImageSchema>;

/** What the catalogue process is asked to do with the catalogue of a folder. */
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
    /** Of the model, in its spelling and order. */
    labels: z.array(z.string()),
    input: manifestSchema.shape.input,
    limits: z.strictObject({
      images: z.int().positive(),
      /** Of what an archive unpacks to. */
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
  /** Takes away what a change that was cut off has left. */
  z.strictObject({ do: z.literal('clean'), folder: z.string() }),
]);

export type CatalogueTask = z.infer<typeof catalogueTaskSchema>;
export type AddTask = Extract<CatalogueTask, { do: 'add' }>;

const imagesByLabelSchema = z.record(z.string(), z.strictObject({ train: z.int(), test: z.int() }));

/** What an upload has brought. */
export const addedSchema = z.strictObject({
  upload_id: z.uuid(),
  model: z.string(),
  /** Images that the catalogue did not have. */
  files_saved: z.int(),
  /** Images that came twice, or were there already. */
  duplicates: z.int(),
  bytes: z.int(),
  /** Labels that the model does not know: a retraining with the catalogue grows its head by them. */
  new_labels: z.array(z.string()),
  images: imagesByLabelSchema,
  /** The first thousand of those that were saved. */
  files: z.array(z.strictObject({ filename: z.string(), label: z.string() })),
});

export type Added = z.infer<typeof addedSchema>;

export const removedSchema = z.strictObject({ images_removed: z.int() });

export type Removed = z.infer<typeof removedSchema>;

/** The one word that the catalogue process says before it ends. */
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

/** Which images of the catalogue; every condition must hold. */
export const catalogueQuerySchema = z.object({
  model: z.string().min(1).optional().describe('Only images of this model.'),
  label: z.string().min(1).optional().describe('Only images with this label.'),
  split: z.enum(CATALOGUE_SPLITS).optional().describe('Only images of this split.'),
  upload: z.uuid().optional().describe('Only images of this upload.'),
  limit: z.int().min(1).max(500).default(50).describe('Images on a page.'),
  after: z.string().min(1).max(200).optional().describe('`next` of the page before.'),
});

export type CatalogueQuery = z.infer<typeof catalogueQuerySchema>;

/** A page of the catalogue, and how large the whole is. */
export const cataloguePageSchema = z.strictObject({
  /** By model and hash. */
  images: z.array(catalogueImageSchema),
  /** Where the next page starts; null on the last one. */
  next: z.string().nullable(),
  /** Of all that match, by model and label. */
  totals: z.array(
    z.strictObject({
      model: z.string(),
      label: z.string(),
      train: z.int(),
      test: z.int(),
      bytes: z.int(),
    }),
  ),
  /** Of the whole catalogue. */
  bytes: z.int(),
  max_bytes: z.int(),
});

export type CataloguePage = z.infer<typeof cataloguePageSchema>;

/** One upload, with those of its images that are there. */
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
