import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import type { Facts } from '../models/importing/facts.js';
import { type ImportField, importFieldsSchema } from '../models/importing/import-fields.js';
import { statedFacts } from '../models/importing/stated-facts.js';
import { FoveaError } from '../platform/errors.js';

/** The flag of each field; its value, where it has one. */
const FLAGS: Readonly<Record<ImportField, string>> = {
  name: '--name <name>',
  preset: '--preset <name>',
  mean: '--mean <numbers>',
  std: '--std <numbers>',
  scale: '--scale <numbers>',
  offset: '--offset <numbers>',
  color: '--color <order>',
  size: '--size <size>',
  channels: '--channels <number>',
  layout: '--layout <layout>',
  resize: '--resize <mode>',
  interpolation: '--interpolation <name>',
  antialias: '--no-antialias',
  labels: '--labels <file>',
  activation: '--activation <name>',
  drop_first: '--drop-first <number>',
  input: '--input <name>',
  output: '--output <name>',
  license: '--license <name>',
};

const fieldNames = importFieldsSchema.keyof();

/** By flag, as commander names them: `dropFirst`. */
const givenSchema = z.looseObject({ labels: z.string().optional(), antialias: z.boolean().default(true) });

/** Adds a flag for each field of an import. */
export function withFactOptions(command: Command): Command {
  for (const field of fieldNames.options) {
    const schema: z.ZodType = importFieldsSchema.shape[field].unwrap();
    const option = new Option(FLAGS[field], schema.description);
    if (field === 'antialias') option.description = 'of --resize: as TensorFlow’s own resizing';
    else if (schema instanceof z.ZodEnum) option.choices(schema.options.map(String));
    else if (field !== 'labels') option.argParser((text: string) => checked(schema, text));
    command.addOption(option);
  }
  return command;
}

/** @returns the text, because `statedFacts` parses all fields together */
function checked(schema: z.ZodType, text: string): string {
  const parsed = schema.safeParse(text);
  if (parsed.success) return text;
  throw new InvalidArgumentError(parsed.error.issues.map(({ message }) => message).join(' '));
}

/** What the flags state.
 * @throws FoveaError `bad_request`; `not_found` for the file of --labels */
export async function factsOf(given: unknown): Promise<Facts> {
  const { labels: file, antialias, ...flags } = givenSchema.parse(given);
  const texts: Record<string, unknown> = antialias ? {} : { antialias: 'false' };
  for (const field of fieldNames.options) {
    const flag = field === 'drop_first' ? 'dropFirst' : field;
    if (flags[flag] !== undefined) texts[field] = flags[flag];
  }
  if (file !== undefined) texts.labels = await textOf(file);
  return statedFacts(importFieldsSchema.parse(texts), 'flags');
}

function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new FoveaError('not_found', 'The file of --labels cannot be read.', { cause });
  });
}
