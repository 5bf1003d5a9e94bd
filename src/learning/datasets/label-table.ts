import { basename } from 'node:path';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { FoveaError } from '../../platform/errors.js';
import type { Split } from './dataset.js';
import { splitNamed } from './folder-layout.js';

/** Column names of Kaggle's and others' label files, lower case. */
const FILE_COLUMNS = [
  'id',
  'image',
  'image_id',
  'imageid',
  'image_name',
  'img',
  'file',
  'filename',
  'file_name',
];
const LABEL_COLUMNS = ['label', 'labels', 'class', 'class_name', 'category', 'target', 'breed', 'species'];
/** A submission of Kaggle's has the form of a label file and invented labels. */
const SUBMISSION = /submission/i;

const recordsSchema = z.array(z.record(z.string(), z.string()));

/** A CSV file that gives images their labels. */
export interface LabelTable {
  /** File name. */
  readonly name: string;
  /** The split that the file name begins with, as that of `trainLabels.csv`. */
  readonly split: Split | undefined;
  /** Label by the image's file name without folder and extension. */
  readonly labels: ReadonlyMap<string, string>;
}

/** True for the name of a file that may be a label table. */
export function isTableName(path: string): boolean {
  return /(^|\/)[^/.][^/]*\.csv$/i.test(path) && !SUBMISSION.test(basename(path));
}

/** The name of an image or a table's row, without folder and extension. */
export function stemOf(path: string): string {
  return basename(path.trim()).replace(/\.(jpe?g|png|webp|avif|gif|tiff?)$/i, '');
}

/**
 * Reads a table with a column of file names, such as `id`, and a column of labels, such as `label`.
 * @returns undefined for a file without such columns
 * @throws FoveaError `dataset_invalid` for two labels of one image, a row without label, and a file that is not CSV
 */
export function readLabelTable(path: string, text: string): LabelTable | undefined {
  const name = basename(path);
  const records = recordsOf(name, text);
  const columns = Object.keys(records[0] ?? {});
  const file = columns.find((column) => FILE_COLUMNS.includes(column.toLowerCase()));
  const label = columns.find((column) => LABEL_COLUMNS.includes(column.toLowerCase()));
  if (file === undefined || label === undefined) return undefined;
  const labels = new Map<string, string>();
  for (const record of records) {
    const stem = stemOf(record[file] ?? '');
    const value = record[label] ?? '';
    const earlier = labels.get(stem);
    if (value === '') throw invalid(`${name} has no label in the row of ${stem}.`);
    if (earlier !== undefined && earlier !== value)
      throw invalid(`${name} gives ${stem} two labels: ${earlier} and ${value}.`);
    labels.set(stem, value);
  }
  return { name, split: splitNamed(/^[a-z]+?(?=[A-Z_\-. \d])/.exec(name)?.[0] ?? ''), labels };
}

function recordsOf(name: string, text: string): Record<string, string>[] {
  try {
    const options = { columns: true, bom: true, trim: true, skip_empty_lines: true } as const;
    return recordsSchema.parse(parse(text, { ...options, delimiter: [',', ';', '\t'] }));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.slice(0, 200) : '';
    throw new FoveaError('dataset_invalid', `${name} is not a CSV file: ${reason}`, { cause });
  }
}

function invalid(message: string): FoveaError {
  return new FoveaError('dataset_invalid', message);
}
