import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { entryNameProblem } from '../../../platform/archives/entry-name.js';
import { FoveaError } from '../../../platform/errors.js';
import { badForm, type FormRules, type ReceivedFile, receiveFiles } from '../../../platform/form-files.js';

/** A field of a form, beside its files. */
export type Field = readonly [name: string, value: string];

/** What a request brought, on disk. */
export interface ReceivedModel {
  readonly path: string;
  readonly fields: readonly Field[];
}

/** Labels of a thousand classes take some 20 KB. */
const MAX_FIELD_BYTES = 1024 * 1024;
const MAX_FIELDS = 64;
const LABELS = 'labels';

class ModelForm implements FormRules {
  readonly fields: Field[] = [];
  readonly directory: string;
  readonly maxFiles: number;
  readonly maxFields = MAX_FIELDS;
  readonly maxFieldBytes = MAX_FIELD_BYTES;
  readonly advice = 'Send the model’s files in the field files, or one archive of its folder.';
  readonly fileFields = ['files', 'file', LABELS];

  constructor(directory: string, maxFiles: number) {
    this.directory = directory;
    this.maxFiles = maxFiles;
  }

  tooMany(): FoveaError {
    const message = `The form has more than ${this.maxFiles} files (FOVEA_IMPORT_MAX_FILES) or ${MAX_FIELDS} fields.`;
    return new FoveaError('too_large', message);
  }

  takeField(name: string, value: string): undefined {
    this.fields.push([name, value]);
  }
}

/** Writes the files of a form to disk as they come.
 * @param directory exists and is empty
 * @throws FoveaError `bad_request`, `too_large`, or as the body fails */
export async function receiveModelForm(
  body: Readable,
  contentType: string,
  { directory, maxFiles }: { readonly directory: string; readonly maxFiles: number },
): Promise<ReceivedModel> {
  const form = new ModelForm(directory, maxFiles);
  const all = await receiveFiles(body, contentType, form);
  const labels = all.filter(({ field }) => field === LABELS);
  for (const { path } of labels) form.fields.push([LABELS, await readFile(path, 'utf8')]);
  const files = all.filter(({ field }) => field !== LABELS);
  const [first, second] = files;
  if (first === undefined) throw badForm('The form has no files of a model.', form);
  // The folder is called like its first file, because a model without a name gets that of its file.
  const name = fileNameOf(first, form);
  const folder = second === undefined ? directory : join(directory, 'files', name.replace(/\.[^.]*$/, ''));
  await mkdir(folder, { recursive: true });
  const names = new Set<string>();
  for (const file of files) {
    const own = fileNameOf(file, form);
    if (names.has(own)) throw badForm(`The form has two files of the name ${JSON.stringify(own)}.`, form);
    names.add(own);
    await rename(file.path, join(folder, own));
  }
  return { path: second === undefined ? join(folder, name) : folder, fields: form.fields };
}

/** @throws FoveaError `bad_request` */
function fileNameOf({ name }: ReceivedFile, form: ModelForm): string {
  const isPlain = /^[^./][^/]*$/.test(name) && entryNameProblem(name) === undefined;
  if (isPlain) return name;
  const shown = JSON.stringify(name.slice(0, 100));
  throw badForm(`The file name ${shown} is no plain name; folders come as an archive.`, form);
}

/** Writes a body that is a model's file, or an archive, to disk as it comes. */
export async function receiveModelBody(body: Readable, directory: string): Promise<ReceivedModel> {
  const path = join(directory, 'model');
  await pipeline(body, createWriteStream(path));
  return { path, fields: [] };
}
