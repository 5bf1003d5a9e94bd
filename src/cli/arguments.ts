import { InvalidArgumentError } from 'commander';
import type { z } from 'zod';
import { FoveaError } from '../platform/errors.js';

/** `topK`, `top_k` → `--top-k` */
export function toFlag(option: string): string {
  return `--${option.replace(/[A-Z]/g, '-$&').toLowerCase().replaceAll('_', '-')}`;
}

/** The options that a person gave, checked.
 * @throws FoveaError `bad_request` that names each wrong flag */
export function parseOptions<Schema extends z.ZodType>(schema: Schema, given: unknown): z.output<Schema> {
  const { data, error } = schema.safeParse(given);
  if (error === undefined) return data;
  const problems = error.issues.map(({ path, message }) => {
    const option = path.findLast((step) => typeof step === 'string');
    return option === undefined ? message : `${toFlag(option)}: ${message}`;
  });
  throw new FoveaError('bad_request', problems.join('\n'));
}

export function toNumber(value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number)) throw new InvalidArgumentError('Expected a number.');
  return number;
}

/** @returns null for `off` */
export function toNumberOrOff(value: string): number | null {
  return value === 'off' ? null : toNumber(value);
}

export function toInteger(value: string): number {
  const number = toNumber(value);
  if (!Number.isSafeInteger(number)) throw new InvalidArgumentError('Expected a whole number.');
  return number;
}

/** `32x32x3` → `[32, 32, 3]` */
export function toSize(value: string): number[] {
  const size = value.split('x').map(toInteger);
  if (size.length !== 3)
    throw new InvalidArgumentError('Expected height, width and channels, such as 32x32x3.');
  return size;
}
