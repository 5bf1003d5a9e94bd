import { FoveaError } from '../../platform/errors.js';
import { parseJsonText } from '../../platform/json-text.js';

const COMMA = 0x2c;
const BRACKET = 0x5b;

/** Deepest nesting of a tensor: batch, height, width, channels. */
const MAX_DEPTH = 8;

/** Parses JSON that may hold tensors.
 * @param maxNumbers bounds the work: JSON of millions of numbers would block the main thread for tenths of a second
 * @throws FoveaError `bad_request`, `too_large` */
export function parseTensorJson(body: Buffer, maxNumbers: number): unknown {
  let values = 0;
  for (const byte of body) if (byte === COMMA || byte === BRACKET) values++;
  if (values > maxNumbers)
    throw new FoveaError('too_large', `JSON may hold ${maxNumbers} values; send larger tensors in binary.`, {
      details: { max_json_values: maxNumbers },
    });
  if (body.length === 0) throw new FoveaError('bad_request', 'The JSON document is empty.');
  try {
    return parseJsonText(body.toString('utf8'));
  } catch (cause) {
    throw new FoveaError('bad_request', 'The body is not valid JSON.', { cause });
  }
}

/** A tensor in nested lists. */
export interface NestedNumbers {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly numbers: readonly number[];
}

/** Flattens nested lists of numbers.
 * @throws FoveaError `bad_request` for anything but numbers in lists of one shape */
export function flattenNumbers(nested: unknown): NestedNumbers {
  const shape: number[] = [];
  const numbers: number[] = [];
  flatten(nested, 0, shape, numbers);
  return { shape, numbers };
}

function flatten(value: unknown, depth: number, shape: number[], numbers: number[]): void {
  if (!Array.isArray(value)) {
    if (typeof value !== 'number') throw malformed('a value is not a number');
    if (depth !== shape.length) throw malformed('numbers and lists are mixed');
    numbers.push(value);
    return;
  }
  if (depth >= MAX_DEPTH) throw malformed(`lists are nested deeper than ${MAX_DEPTH}`);
  // The first list of each level sets the level's length. Later numbers must lie as deep as the first one.
  if (depth === shape.length && numbers.length === 0) shape.push(value.length);
  if (shape[depth] !== value.length) throw malformed('lists of one level have different lengths');
  for (const each of value) flatten(each, depth + 1, shape, numbers);
}

function malformed(reason: string): FoveaError {
  return new FoveaError('bad_request', `The tensor is malformed: ${reason}.`);
}

/** Numbers as the bytes of a tensor.
 * @throws FoveaError `bad_request` for a number that the type does not have */
export function bytesOfNumbers(numbers: readonly number[], type: 'uint8' | 'float32'): Uint8Array {
  if (type === 'float32') return new Uint8Array(Float32Array.from(numbers).buffer);
  const wrong = numbers.find((number) => !Number.isInteger(number) || number < 0 || number > 255);
  if (wrong === undefined) return Uint8Array.from(numbers);
  throw new FoveaError('bad_request', `Pixels are whole numbers 0..255, not ${wrong}.`);
}

/** The shortest text of a float32 that reads back as the same float32. */
export function shortFloat(value: number): number {
  for (const digits of [7, 8]) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}

/** Base64 of both alphabets, with or without padding; Node ignores other characters, so they are refused here.
 * @throws FoveaError `bad_request` */
export function bytesOfBase64(text: string): Buffer {
  if (!/^[\w+/-]*={0,2}\s*$/.test(text)) throw new FoveaError('bad_request', 'The base64 is malformed.');
  return Buffer.from(text, 'base64');
}
