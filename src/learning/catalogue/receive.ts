import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { archiveKindOf } from '../../platform/archives/archive-kind.js';
import { FoveaError } from '../../platform/errors.js';
import { badForm, type FormRules, type ReceivedFile, receiveFiles } from '../../platform/form-files.js';
import type { AddTask, CatalogueRow, StagedImage } from './catalogue-schema.js';
import { CATALOGUE_SPLITS } from './catalogue-schema.js';

export interface ReceiveOptions {
  /** Folder that the files are written to. */
  readonly directory: string;
  readonly maxImages: number;
  /** Of an image; an archive may be as large as the body. */
  readonly maxFileBytes: number;
}

const MAX_FIELD_BYTES = 1024;
const ADVICE = 'Send files and labels in the same order, or one archive.';

function isSplit(text: string): text is CatalogueRow['split'] {
  return CATALOGUE_SPLITS.some((split) => split === text);
}

/** The fields beside the files, and the rules of the form. */
class LabelForm implements FormRules {
  readonly labels: string[] = [];
  split: CatalogueRow['split'] | null = null;
  readonly directory: string;
  readonly maxFiles: number;
  readonly maxFields: number;
  readonly maxFieldBytes = MAX_FIELD_BYTES;
  readonly advice = ADVICE;
  readonly fileFields = ['files', 'file'];

  constructor({ directory, maxImages }: ReceiveOptions) {
    this.directory = directory;
    this.maxFiles = maxImages;
    // A label for each file, and the split.
    this.maxFields = maxImages + 1;
  }

  tooMany(): FoveaError {
    return new FoveaError('too_large', `The upload has more than ${this.maxFiles} images.`, {
      details: { max_images: this.maxFiles },
    });
  }

  takeField(field: string, value: string): FoveaError | undefined {
    if (field === 'labels' || field === 'label') this.labels.push(value);
    else if (field !== 'split') return badForm(`The field ${JSON.stringify(field)} is unknown.`, this);
    else if (isSplit(value)) this.split = value;
    else return badForm(`split must be one of ${CATALOGUE_SPLITS.join(', ')}.`, this);
    return undefined;
  }
}

function pair(
  files: readonly [ReceivedFile, ...ReceivedFile[]],
  { labels, split }: LabelForm,
  maxFileBytes: number,
): StagedImage[] {
  if (files.length !== labels.length) {
    throw new FoveaError(
      'bad_request',
      `The form has ${files.length} files and ${labels.length} labels. Send one label per file, in the same order.`,
      { details: { files: files.length, labels: labels.length, first_file: files[0].name } },
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
  const form = new LabelForm(options);
  const files = await receiveFiles(body, contentType, form);
  const [{ path }, second] = files;
  const kind = second === undefined ? await archiveKindOf(path) : undefined;
  if (kind === undefined) return { images: pair(files, form, options.maxFileBytes) };
  if (form.labels.length > 0)
    throw badForm('The folders of an archive are its labels. Send no labels with it.', form);
  if (form.split !== null)
    throw badForm(
      'The folders of an archive are its splits: train/<class>/ and test/<class>/. Send no split with it.',
      form,
    );
  return { archive: { path, kind } };
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
