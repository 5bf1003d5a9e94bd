import { z } from 'zod';

/*
 * The catalogue of uploaded training images, below the state directory:
 *
 *   catalogue/catalogue.db               which images there are, and what they show
 *   catalogue/images/<2 digits>/<sha256>  the files, as uploaded; the digits are the name's first two
 *   catalogue/staging/<upload>            what is on its way in, and of no interest to readers
 *
 * Only the intake thread writes; training and evaluation open the database to read it, in processes of their own.
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
  CREATE INDEX images_by_time ON images (model, created_ms, sha256);
`;
