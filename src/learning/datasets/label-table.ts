import { basename } from 'node:path';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import type { ModelOutput } from '../../models/repository/model-output.js';
import { FoveaError } from '../../platform/errors.js';
import { parseJsonText } from '../../platform/json-text.js';
import type { Split } from './dataset.js';
import { splitNamed } from './folder-layout.js';
import { JOINT } from './label-sets.js';

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

const listsSchema = z.record(z.string(), z.array(z.string()));

/** Whether an image has one label, or any number of them. */
export const LABEL_COUNTS = ['one', 'several'] as const;

export type LabelCount = (typeof LABEL_COUNTS)[number];

export function labelCountOf(task: ModelOutput['task']): LabelCount {
  return task === 'multi' ? 'several' : 'one';
}

/** A CSV file that gives images their labels; for several labels also a JSON file. */
export interface LabelTable {
  /** File name. */
  readonly name: string;
  /** The split that the file name begins with, as that of `trainLabels.csv`. */
  readonly split: Split | undefined;
  /** Label by the image's file name without folder and extension; several labels as `readLabelSets` reads them. */
  readonly labels: ReadonlyMap<string, string>;
}

/** True for the name of a file that may be a label table. */
export function isTableName(path: string, count: LabelCount = 'one'): boolean {
  const isTable = count === 'one' ? /(^|\/)[^/.][^/]*\.csv$/i : /(^|\/)[^/.][^/]*\.(csv|json)$/i;
  return isTable.test(path) && !SUBMISSION.test(basename(path));
}

/** The name of an image or a table's row, without folder and extension. */
export function stemOf(path: string): string {
  return basename(path.trim()).replace(/\.(jpe?g|png|webp|avif|gif|tiff?)$/i, '');
}

/** Labels that a row's columns of 0 and 1 name; undefined where a column holds something else. */
function markedLabels(record: Record<string, string>, file: string): string | undefined {
  const marks = Object.entries(record).filter(([column]) => column !== file);
  if (marks.length === 0 || marks.some(([, mark]) => !/^[01](\.0)?$/.test(mark))) return undefined;
  return marks
    .filter(([, mark]) => mark.startsWith('1'))
    .map(([label]) => label)
    .join(JOINT);
}

/** Reads several labels an image: a list in JSON, or in CSV a column `labels`, one row a label, or a column of 0 and 1 for
 * each label. */
function readSeveral(name: string, text: string): LabelTable['labels'] | undefined {
  if (/\.json$/i.test(name)) {
    const lists = listsSchema.safeParse(jsonOf(text));
    if (!lists.success) return undefined;
    return new Map(Object.entries(lists.data).map(([file, labels]) => [stemOf(file), labels.join(JOINT)]));
  }
  const records = recordsOf(name, text);
  const columns = Object.keys(records[0] ?? {});
  const file = columns.find((column) => FILE_COLUMNS.includes(column.toLowerCase()));
  const label = columns.find((column) => [...LABEL_COLUMNS, 'tags'].includes(column.toLowerCase()));
  if (file === undefined) return undefined;
  const labels = new Map<string, string>();
  for (const record of records) {
    const stem = stemOf(record[file] ?? '');
    const value = label === undefined ? markedLabels(record, file) : record[label];
    if (value === undefined) return undefined;
    const earlier = labels.get(stem);
    labels.set(stem, earlier === undefined ? value : `${earlier}${JOINT}${value}`);
  }
  return labels;
}

function jsonOf(text: string): unknown {
  try {
    return parseJsonText(text);
  } catch {
    return undefined;
  }
}

function splitOfTable(name: string): Split | undefined {
  return splitNamed(/^[a-z]+?(?=[A-Z_\-. \d])/.exec(name)?.[0] ?? '');
}

/**
 * Reads a table with a column of file names, such as `id`, and a column of labels, such as `label`.
 * @returns undefined for a file without such columns
 * @throws FoveaError `dataset_invalid` for two labels of one image, a row without label, and a file that is not CSV
 */
export function readLabelTable(
  path: string,
  text: string,
  count: LabelCount = 'one',
): LabelTable | undefined {
  const name = basename(path);
  if (count === 'several') {
    const sets = readSeveral(name, text);
    return sets && { name, split: splitOfTable(name), labels: sets };
  }
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
      throw invalid(
        `${name} gives ${stem} two labels: ${earlier} and ${value}. Several labels an image need a model of task multi.`,
      );
    labels.set(stem, value);
  }
  return { name, split: splitOfTable(name), labels };
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
