import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { FoveaError } from '../../platform/errors.js';
import { ARCHIVE_HEAD_BYTES, type ArchiveKind, sniffArchive } from './archive-kind.js';
import { isSystemError } from './catalogue-error.js';
import type { AddTask, CatalogueRow, StagedImage } from './catalogue-schema.js';
import { CATALOGUE_SPLITS } from './catalogue-schema.js';
import { decodeBase64, encodingProblem } from './transfer-encoding.js';

export interface ReceiveOptions {
  /** Folder that the files are written to. */
  readonly directory: string;
  readonly maxImages: number;
  /** Of an image; an archive may be as large as the body. */
  readonly maxFileBytes: number;
}

interface ReceivedFile {
  readonly path: string;
  readonly name: string;
  readonly bytes: number;
}

interface SentFile {
  readonly field: string;
  readonly stream: Readable;
  /** Content-Transfer-Encoding, lower case */
  readonly encoding: string;
}

const MAX_FIELD_BYTES = 1024;
const MAX_HEADER_PAIRS = 32;

async function archiveKindOf(path: string): Promise<ArchiveKind | undefined> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(ARCHIVE_HEAD_BYTES), 0, ARCHIVE_HEAD_BYTES, 0);
    return sniffArchive(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

function isSplit(text: string): text is CatalogueRow['split'] {
  return CATALOGUE_SPLITS.some((split) => split === text);
}

function badForm(why: string): FoveaError {
  return new FoveaError('bad_request', `${why} Send files and labels in the same order, or one archive.`);
}

/**
 * Reads the files and fields of a form. Files are written one after another: the next chunk of the body is parsed once
 * at most one file is unfinished, so that a form of many files holds few file handles and little memory.
 */
class Form {
  readonly files: ReceivedFile[] = [];
  readonly labels: string[] = [];
  split: CatalogueRow['split'] | null = null;
  /** The first problem. The rest of the body is discarded unparsed, so that the client can read the response. */
  problem: FoveaError | undefined;
  readonly #options: ReceiveOptions;
  /** Settles when all files before the newest one are written. */
  #earlier: Promise<void> = Promise.resolve();
  /** Settles when all files are written. */
  #all: Promise<void> = Promise.resolve();
  #stream: Readable | undefined;

  constructor(options: ReceiveOptions) {
    this.#options = options;
  }

  /** @throws FoveaError `bad_request`, `too_large` */
  async read(body: Readable, contentType: string): Promise<void> {
    const parser = this.#openParser(contentType);
    const failed = new Promise<never>((_, reject) => this.#listen(parser, reject));
    failed.catch(() => undefined);
    try {
      for await (const chunk of body) {
        if (this.problem !== undefined) continue;
        await Promise.race([write(parser, chunk), failed]);
        await Promise.race([this.#earlier, failed]);
      }
      if (this.problem === undefined) await this.#end(parser, failed);
    } catch (error) {
      if (this.problem === undefined && (error instanceof FoveaError || isSystemError(error))) throw error;
      this.#fail(badForm('The form is malformed or truncated.'));
    } finally {
      this.#stream?.destroy();
      parser.destroy();
      await Promise.allSettled([this.#all]);
    }
    if (this.problem !== undefined) throw this.problem;
  }

  #listen(parser: BusboyInstance, onFailure: (error: unknown) => void): void {
    parser.on('error', onFailure);
    parser.on('file', (field, stream, fileName, encoding) => {
      this.#stream = stream;
      // The parser reports a truncated file on its stream, maybe before the file's turn.
      stream.on('error', onFailure);
      this.#earlier = this.#all;
      this.#all = this.#earlier.then(() => this.#takeFile({ field, stream, encoding }, fileName));
      this.#all.catch(onFailure);
    });
    parser.on('field', (field, value, _isNameCut, isCut, encoding) => {
      const text = encoding === 'base64' ? Buffer.from(value, 'base64').toString() : value;
      this.#takeField(field, text, isCut);
    });
    const onLimit = () => this.#fail(tooMany(this.#options.maxImages));
    parser.on('filesLimit', onLimit).on('fieldsLimit', onLimit).on('partsLimit', onLimit);
  }

  async #end(parser: BusboyInstance, failed: Promise<never>): Promise<void> {
    parser.end();
    await Promise.race([finished(parser), failed]);
    await this.#all;
  }

  #openParser(contentType: string): BusboyInstance {
    const { maxImages } = this.#options;
    const limits = {
      files: maxImages,
      fields: maxImages + 1,
      parts: 2 * maxImages + 1,
      fieldSize: MAX_FIELD_BYTES,
      fieldNameSize: 100,
      headerPairs: MAX_HEADER_PAIRS,
    };
    try {
      return new Busboy({ headers: { 'content-type': contentType }, limits, preservePath: true });
    } catch (cause) {
      throw new FoveaError('bad_request', 'Content-Type has no usable boundary.', { cause });
    }
  }

  #fail(error: FoveaError): void {
    this.problem ??= error;
  }

  #takeField(field: string, value: string, isCut: boolean): void {
    if (isCut) this.#fail(badForm(`The field ${field} has more than ${MAX_FIELD_BYTES} bytes.`));
    else if (field === 'labels' || field === 'label') this.labels.push(value);
    else if (field !== 'split') this.#fail(badForm(`The field ${JSON.stringify(field)} is unknown.`));
    else if (isSplit(value)) this.split = value;
    else this.#fail(badForm(`split must be one of ${CATALOGUE_SPLITS.join(', ')}.`));
  }

  async #takeFile({ field, stream, encoding }: SentFile, name: string): Promise<void> {
    const problem = encodingProblem(encoding);
    if (problem !== undefined) this.#fail(problem);
    if (field !== 'files' && field !== 'file')
      this.#fail(badForm(`Files must be in the field files, not ${field}.`));
    // The parser waits for the end of every file.
    if (this.problem !== undefined) {
      stream.resume();
      return;
    }
    const path = join(this.#options.directory, String(this.files.length));
    const file = createWriteStream(path);
    await (encoding === 'base64' ? pipeline(stream, decodeBase64, file) : pipeline(stream, file));
    if (file.bytesWritten === 0)
      this.#fail(badForm(`The file ${JSON.stringify(name.slice(0, 100))} is empty.`));
    this.files.push({ path, name, bytes: file.bytesWritten });
  }
}

/** Resolves when the parser has parsed the chunk, which includes that its file data was taken. */
function write(parser: BusboyInstance, chunk: unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    parser.write(chunk, (error) => (error ? reject(error) : resolve()));
  });
}

function tooMany(maxImages: number): FoveaError {
  return new FoveaError('too_large', `The upload has more than ${maxImages} images.`, {
    details: { max_images: maxImages },
  });
}

function pair({ files, labels, split }: Form, maxFileBytes: number): StagedImage[] {
  if (files.length !== labels.length) {
    const [first] = files;
    throw new FoveaError(
      'bad_request',
      `The form has ${files.length} files and ${labels.length} labels. Send one label per file, in the same order.`,
      { details: { files: files.length, labels: labels.length, first_file: first?.name ?? null } },
    );
  }
  return files.map(({ path, name, bytes }, place) => {
    if (bytes > maxFileBytes) {
      throw new FoveaError('too_large', `${name} has more than ${maxFileBytes} bytes.`, {
        details: { file: name, max_file_bytes: maxFileBytes },
      });
    }
    return { path, name: name.slice(0, 255), className: labels[place] ?? '', split };
  });
}

/** Writes a form's files to disk as they come.
 * @throws FoveaError `bad_request`, `too_large`, or as the body fails */
export async function receiveForm(
  body: Readable,
  contentType: string,
  options: ReceiveOptions,
): Promise<AddTask['content']> {
  const form = new Form(options);
  await form.read(body, contentType);
  const [first] = form.files;
  if (first === undefined) throw badForm('The form has no files.');
  const kind = form.files.length === 1 ? await archiveKindOf(first.path) : undefined;
  if (kind === undefined) return { images: pair(form, options.maxFileBytes) };
  if (form.labels.length > 0)
    throw badForm('The folders of an archive are its labels. Send no labels with it.');
  if (form.split !== null)
    throw badForm(
      'The folders of an archive are its splits: train/<class>/ and test/<class>/. Send no split with it.',
    );
  return { archive: { path: first.path, kind } };
}

/** Writes a body that is an archive to disk as it comes.
 * @throws FoveaError `bad_request` when it is none, or as the body fails */
export async function receiveArchive(body: Readable, directory: string): Promise<AddTask['content']> {
  const path = join(directory, 'archive');
  await pipeline(body, createWriteStream(path));
  const kind = await archiveKindOf(path);
  if (kind !== undefined) return { archive: { path, kind } };
  throw new FoveaError('bad_request', 'The body is not an archive. Send a .zip, .tar, .tar.gz or .tar.xz.');
}
