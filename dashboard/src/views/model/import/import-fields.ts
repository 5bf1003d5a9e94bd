import { strings } from '../../../strings.js';

const text = strings.import;

export type ImportField = keyof typeof text.fields;

export type FieldValues = Readonly<Partial<Record<ImportField, string>>>;

type Options = readonly (readonly [value: string, text: string])[];

export function isImportField(name: unknown): name is ImportField {
  return typeof name === 'string' && Object.hasOwn(text.fields, name);
}

export const IMPORT_FIELDS: readonly ImportField[] = Object.keys(text.fields).filter(isImportField);

function plain(...values: readonly string[]): Options {
  return values.map((value) => [value, value] as const);
}

/** What a field may be set to, of the fields that have a list. docs/models.md explains each. */
export const OPTIONS: Partial<Record<ImportField, Options>> = {
  preset: Object.entries(text.presets).map(([name, models]) => [name, text.presetOf(name, models)] as const),
  activation: plain('softmax', 'sigmoid', 'none'),
  channels: plain('1', '3'),
  layout: plain('nchw', 'nhwc'),
  color: plain('rgb', 'bgr'),
  interpolation: plain('nearest', 'bilinear', 'bicubic', 'lanczos3'),
  antialias: plain('true', 'false'),
};

export const EXAMPLES: Partial<Record<ImportField, string>> = text.examples;
