import { InvalidArgumentError } from 'commander';

export function toNumber(value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number)) throw new InvalidArgumentError('It is no number.');
  return number;
}

export function toInteger(value: string): number {
  const number = toNumber(value);
  if (!Number.isSafeInteger(number)) throw new InvalidArgumentError('It is no whole number.');
  return number;
}

/** `32x32x3` → `[32, 32, 3]` */
export function toSize(value: string): number[] {
  const size = value.split('x').map(toInteger);
  if (size.length !== 3) throw new InvalidArgumentError('Give height, width and channels, like 32x32x3.');
  return size;
}
