import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { FoveaError, isSystemError } from './errors.js';
import { decodeBase64, encodingProblem } from './transfer-encoding.js';

/** A file of a form, on disk. */
export interface ReceivedFile {
  readonly path: string;
  /** The form field. */
  readonly field: string;
  /** File name given by the client, with its folders. */
  readonly name: string;
  readonly bytes: number;
}

/** The fields and files of one kind of form. */
export interface FormRules {
  /** Folder that the files are written to; they are named by number. */
  readonly directory: string;
  readonly maxFiles: number;
  readonly maxFields: number;
  readonly maxFieldBytes: number;
  /** What a form should be; the second sentence of its errors. */
  readonly advice: string;
  /** Fields whose parts are files. */
  readonly fileFields: readonly string[];
  /** The error of a form with more parts than the limits. */
  tooMany(): FoveaError;
  /** @returns the problem of the field */
  takeField(field: string, value: string): FoveaError | undefined;
}

interface SentFile {
  readonly field: string;
  readonly stream: Readable;
  /** Content-Transfer-Encoding, lower case */
  readonly encoding: string;
}

const MAX_HEADER_PAIRS = 32;

/**
 * Reads the files and fields of a form. Files are written one after another: the next chunk of the body is parsed once
 * at most one file is unfinished, so that a form of many files holds few file handles and little memory.
 */
class Form {
  readonly files: ReceivedFile[] = [];
  /** The first problem. The rest of the body is discarded unparsed, so that the client can read the response. */
  problem: FoveaError | undefined;
  readonly #rules: FormRules;
  /** Settles when all files before the newest one are written. */
  #earlier: Promise<void> = Promise.resolve();
  /** Settles when all files are written. */
  #all: Promise<void> = Promise.resolve();
  #stream: Readable | undefined;

  constructor(rules: FormRules) {
    this.#rules = rules;
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
      this.#fail(badForm('The form is malformed or truncated.', this.#rules));
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
      const { maxFieldBytes } = this.#rules;
      const text = encoding === 'base64' ? Buffer.from(value, 'base64').toString() : value;
      this.#fail(
        isCut
          ? badForm(`The field ${field} has more than ${maxFieldBytes} bytes.`, this.#rules)
          : this.#rules.takeField(field, text),
      );
    });
    const onLimit = () => this.#fail(this.#rules.tooMany());
    parser.on('filesLimit', onLimit).on('fieldsLimit', onLimit).on('partsLimit', onLimit);
  }

  async #end(parser: BusboyInstance, failed: Promise<never>): Promise<void> {
    parser.end();
    await Promise.race([finished(parser), failed]);
    await this.#all;
  }

  #openParser(contentType: string): BusboyInstance {
    const { maxFiles, maxFields, maxFieldBytes } = this.#rules;
    const limits = {
      files: maxFiles,
      fields: maxFields,
      parts: maxFiles + maxFields,
      fieldSize: maxFieldBytes,
      fieldNameSize: 100,
      headerPairs: MAX_HEADER_PAIRS,
    };
    try {
      return new Busboy({ headers: { 'content-type': contentType }, limits, preservePath: true });
    } catch (cause) {
      throw new FoveaError('bad_request', 'Content-Type has no usable boundary.', { cause });
    }
  }

  #fail(error: FoveaError | undefined): void {
    this.problem ??= error;
  }

  async #takeFile({ field, stream, encoding }: SentFile, name: string): Promise<void> {
    const { fileFields, directory } = this.#rules;
    this.#fail(encodingProblem(encoding));
    if (!fileFields.includes(field))
      this.#fail(badForm(`Files must be in the field ${fileFields[0]}, not ${field}.`, this.#rules));
    // The parser waits for the end of every file.
    if (this.problem !== undefined) {
      stream.resume();
      return;
    }
    const path = join(directory, String(this.files.length));
    const file = createWriteStream(path);
    await (encoding === 'base64' ? pipeline(stream, decodeBase64, file) : pipeline(stream, file));
    if (file.bytesWritten === 0)
      this.#fail(badForm(`The file ${JSON.stringify(name.slice(0, 100))} is empty.`, this.#rules));
    this.files.push({ path, field, name, bytes: file.bytesWritten });
  }
}

export function badForm(why: string, { advice }: Pick<FormRules, 'advice'>): FoveaError {
  return new FoveaError('bad_request', `${why} ${advice}`);
}

/** Resolves when the parser has parsed the chunk, which includes that its file data was taken. */
function write(parser: BusboyInstance, chunk: unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    parser.write(chunk, (error) => (error ? reject(error) : resolve()));
  });
}

/** Writes a form's files to disk as they come.
 * @returns at least one file
 * @throws FoveaError `bad_request`, `too_large`, or as the body fails */
export async function receiveFiles(
  body: Readable,
  contentType: string,
  rules: FormRules,
): Promise<readonly [ReceivedFile, ...ReceivedFile[]]> {
  const form = new Form(rules);
  await form.read(body, contentType);
  const [first, ...others] = form.files;
  if (first === undefined) throw badForm('The form has no files.', rules);
  return [first, ...others];
}
