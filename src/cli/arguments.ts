import { InvalidArgumentError } from 'commander';

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
