import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ImageFormat } from '../../platform/image-format.js';

export interface KeptImagesOptions {
  readonly directory: string;
  readonly maxBytes: number;
  /** 0: no limit. */
  readonly maxAgeDays: number;
}

interface KeptFile {
  readonly path: string;
  readonly bytes: number;
  readonly keptMs: number;
  /** Settles when the file is written. */
  readonly written: Promise<void>;
}

export interface ImageToKeep {
  /** SHA-256 of `bytes`, 64 hexadecimal digits. */
  readonly sha256: string;
  readonly format: ImageFormat;
  /** Must not change until the promise settles. */
  readonly bytes: Uint8Array;
}

const DAY_MS = 24 * 3600 * 1000;
/** Further images are dropped while this many wait for the disk. */
const MAX_PENDING_WRITES = 64;
const NAME = /^([0-9a-f]{64})\.[a-z]+$/;

/** Stores images of past predictions as files named by hash, so that equal images are stored once. */
export class KeptImages {
  readonly #options: KeptImagesOptions;
  /** By hash, oldest first. */
  readonly #files: Map<string, KeptFile>;
  /** Deletions in progress, by hash. */
  readonly #deletions = new Map<string, Promise<void>>();
  #bytes = 0;
  #pendingWrites = 0;
  #droppedImages = 0;

  private constructor(options: KeptImagesOptions, files: readonly (readonly [string, KeptFile])[]) {
    this.#options = options;
    this.#files = new Map(files);
    for (const { bytes } of this.#files.values()) this.#bytes += bytes;
  }

  /** Lists the files of earlier processes. */
  static async open(options: KeptImagesOptions): Promise<KeptImages> {
    const found = await findFiles(options.directory);
    found.sort(([, a], [, b]) => a.keptMs - b.keptMs);
    const images = new KeptImages(options, found);
    await images.#makeRoom();
    return images;
  }

  get storedBytes(): number {
    return this.#bytes;
  }

  /** Images not stored, because too many waited for the disk. */
  get droppedImages(): number {
    return this.#droppedImages;
  }

  /** When the image was kept that will be evicted first; undefined while there is none. */
  get oldestMs(): number | undefined {
    return this.#files.values().next().value?.keptMs;
  }

  /** Undefined when the image was never stored or was evicted. */
  pathOf(sha256: string): string | undefined {
    return this.#files.get(sha256)?.path;
  }

  /** Resolves once the image is on disk, or at once when it is stored already or was dropped. */
  async keep({ sha256, format, bytes }: ImageToKeep): Promise<void> {
    const known = this.#files.get(sha256);
    if (known !== undefined) return this.#renew(sha256, known);
    if (bytes.length > this.#options.maxBytes || this.#pendingWrites >= MAX_PENDING_WRITES) {
      this.#droppedImages += 1;
      return;
    }
    const path = join(this.#options.directory, sha256.slice(0, 2), `${sha256}.${format}`);
    const written = this.#write(sha256, path, bytes);
    // Added before the file exists, so that a concurrent request with the same image does not write the same file.
    this.#files.set(sha256, { path, bytes: bytes.length, keptMs: Date.now(), written });
    this.#bytes += bytes.length;
    try {
      await written;
    } catch (error) {
      this.#forget(sha256);
      throw error;
    }
    await this.#makeRoom();
  }

  async #write(sha256: string, path: string, bytes: Uint8Array): Promise<void> {
    this.#pendingWrites += 1;
    try {
      // A deletion that the system runs later would delete the new file.
      await this.#deletions.get(sha256);
      await writeWhole(path, bytes);
    } finally {
      this.#pendingWrites -= 1;
    }
  }

  /** A repeated image counts as new for eviction. */
  async #renew(sha256: string, file: KeptFile): Promise<void> {
    const now = Date.now();
    this.#files.delete(sha256);
    this.#files.set(sha256, { ...file, keptMs: now });
    await file.written;
    await utimes(file.path, now / 1000, now / 1000);
  }

  async #makeRoom(): Promise<void> {
    const { maxBytes, maxAgeDays } = this.#options;
    const oldestMs = maxAgeDays === 0 ? 0 : Date.now() - maxAgeDays * DAY_MS;
    for (const [sha256, { path, keptMs, written }] of this.#files) {
      if (this.#bytes <= maxBytes && keptMs >= oldestMs) return;
      this.#forget(sha256);
      await written;
      const deletion = rm(path, { force: true }).finally(() => this.#deletions.delete(sha256));
      this.#deletions.set(sha256, deletion);
      await deletion;
    }
  }

  #forget(sha256: string): void {
    this.#bytes -= this.#files.get(sha256)?.bytes ?? 0;
    this.#files.delete(sha256);
  }
}

/** Renames a complete temporary file, so that the file is complete whenever the process ends. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const part = `${path}.part`;
  try {
    await writeFile(part, bytes);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

async function findFiles(directory: string): Promise<[string, KeptFile][]> {
  const found: [string, KeptFile][] = [];
  // `keep` creates the folder, so that a full disk does not prevent the start.
  if (!existsSync(directory)) return found;
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const sha256 = NAME.exec(entry.name)?.[1];
    if (sha256 === undefined) {
      // A partial write of a process that ended.
      if (entry.name.endsWith('.part')) await rm(path, { force: true });
      continue;
    }
    const { size, mtimeMs } = await stat(path);
    found.push([sha256, { path, bytes: size, keptMs: mtimeMs, written: Promise.resolve() }]);
  }
  return found;
}
