import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Database } from 'better-sqlite3';
import {
  CATALOGUE_FILE,
  CATALOGUE_FOLDER,
  CATALOGUE_SCHEMA,
  catalogueImagePath,
} from '../../src/learning/catalogue/catalogue-schema.js';
import { SqliteDatabase } from '../../src/platform/sqlite/driver.js';
import { FIXTURES } from './images.js';

/** One upload: fixture images by name, without `.jpg`, and their labels. */
export interface Upload {
  readonly model: string;
  readonly images: readonly (readonly [file: string, label: string, split?: 'train' | 'test'])[];
  readonly createdMs?: number;
}

export function fixtureBytes(file: string): Buffer {
  return readFileSync(join(FIXTURES, 'images', `${file}.jpg`));
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A catalogue in the writer's layout, below a state directory. */
export class Catalogue {
  readonly folder: string;
  readonly #database: Database;

  constructor(stateDir: string, is: 'new' | 'existing' = 'new') {
    this.folder = join(stateDir, CATALOGUE_FOLDER);
    mkdirSync(this.folder, { recursive: true });
    this.#database = new SqliteDatabase(join(this.folder, CATALOGUE_FILE));
    this.#database.pragma('journal_mode = WAL');
    if (is === 'new') this.#database.exec(CATALOGUE_SCHEMA);
  }

  /** @returns the upload's id */
  add({ model, images, createdMs = Date.now() }: Upload): string {
    const files = images.map(([file, label, split = 'train']) => ({
      bytes: fixtureBytes(file),
      label,
      split,
    }));
    return this.addFiles(model, files, createdMs);
  }

  /** Like `add`, for files of any content. */
  addFiles(
    model: string,
    files: readonly { bytes: Uint8Array; label: string; split: 'train' | 'test' }[],
    createdMs = Date.now(),
  ): string {
    const id = randomUUID();
    const insertUpload = this.#database.prepare('INSERT INTO uploads VALUES (?, ?, ?, ?, ?)');
    const insert = this.#database.prepare('INSERT INTO images VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
    this.#database.transaction(() => {
      insertUpload.run(id, model, 'a test', 'files', createdMs);
      for (const { bytes, label, split } of files) {
        const sha256 = sha256Of(bytes);
        const path = this.pathOf(sha256);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, bytes);
        const about = ['image.jpg', 'image/jpeg', bytes.length, 32, 32, createdMs];
        insert.run(model, sha256, label, split, id, ...about);
      }
    })();
    return id;
  }

  pathOf(sha256: string): string {
    return join(this.folder, catalogueImagePath(sha256));
  }

  /** Deletes in the writer's order: row, then file. */
  delete(sha256: string): void {
    this.#database.prepare('DELETE FROM images WHERE sha256 = ?').run(sha256);
    rmSync(this.pathOf(sha256));
  }

  close(): void {
    this.#database.close();
  }
}
