import { Readable } from 'node:stream';
import { z } from 'zod';
import { parseJsonBody } from '../../src/fronts/http/json-body.js';
import { flattenNumbers, parseTensorJson } from '../../src/fronts/http/json-numbers.js';
import { parseMultipart } from '../../src/fronts/http/multipart.js';
import { receiveForm } from '../../src/learning/catalogue/receive.js';
import { type ErrorCode, FoveaError } from '../../src/platform/errors.js';
import type { Mutations } from './mutations.js';

/** Runs one case. @throws Error when the code under test breaks its contract */
export type FuzzTarget = (mutations: Mutations) => Promise<void>;

/** Runs `work`, which may refuse hostile input by these errors only. @returns whether it took the input */
export async function refusesBy(codes: readonly ErrorCode[], work: () => unknown): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof FoveaError && codes.includes(error.code)) return false;
    throw error;
  }
}

function pick<T>(mutations: Mutations, choices: readonly T[]): T {
  const chosen = choices[mutations.below(choices.length)];
  if (chosen === undefined) throw new Error('Nothing to choose from.');
  return chosen;
}

const BOUNDARY_CHARACTERS = "0Az-_'()+,./:=?";
const FILLINGS = ['', '\r\n', '\r\n--', '--', 'x', '\0\u00ff', '"', 'a;b="c"', '\r\n\r\n'];

interface SentPart {
  readonly name: string;
  readonly fileName: string | undefined;
  readonly bytes: Buffer;
}

interface SentForm {
  readonly type: string;
  readonly body: Buffer;
  readonly parts: readonly SentPart[];
}

/** A sound form: 1 to 5 parts whose bytes look like boundaries, but are none. */
function soundForm(mutations: Mutations, names: readonly string[]): SentForm {
  const length = 1 + mutations.below(20);
  const boundary = `b${Array.from({ length }, () => pick(mutations, [...BOUNDARY_CHARACTERS])).join('')}q`;
  const parts = Array.from({ length: 1 + mutations.below(5) }, (): SentPart => {
    const filling = Array.from({ length: mutations.below(6) }, () => pick(mutations, FILLINGS)).join('');
    const fileName =
      mutations.below(2) === 0 ? undefined : `${pick(mutations, ['a', 'ü', '../a', 'a;b'])}.png`;
    return { name: pick(mutations, names), fileName, bytes: Buffer.from(`${filling}.`, 'latin1') };
  });
  const pieces = parts.flatMap(({ name, fileName, bytes }) => [
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${fileName === undefined ? '' : `; filename="${fileName}"`}\r\n\r\n`,
    ),
    bytes,
    Buffer.from('\r\n'),
  ]);
  const body = Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]);
  return { type: `multipart/form-data; boundary="${boundary}"`, body, parts };
}

/** A sound form comes back part for part; a damaged one is refused or parsed. */
export const multipart: FuzzTarget = async (mutations) => {
  const { type, body, parts } = soundForm(mutations, ['file', 'labels', 'x']);
  const parsed = parseMultipart(body, type, 5);
  const isWhole = parsed.every((part, index) => {
    const sent = parts[index];
    return part.name === sent?.name && part.fileName === sent.fileName && part.bytes.equals(sent.bytes);
  });
  if (!isWhole || parsed.length !== parts.length)
    throw new Error('A sound form was not parsed as it was sent.');
  const damaged = Buffer.from(mutations.of(body));
  await refusesBy(['bad_request', 'too_large'], () => parseMultipart(damaged, type, 5));
};

/** Damaged forms of uploads in chunks of any size. @param directory receives the files */
export function uploadForms(directory: string): FuzzTarget {
  return async (mutations) => {
    const { type, body } = soundForm(mutations, ['files', 'files', 'labels', 'split', 'x']);
    const bytes = mutations.below(4) === 0 ? body : Buffer.from(mutations.of(body));
    const size = 1 + mutations.below(200);
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    );
    const limits = { directory, maxImages: 3, maxFileBytes: 30 };
    await refusesBy(['bad_request', 'too_large'], () =>
      receiveForm(Readable.from(chunks, { objectMode: false }), type, limits),
    );
  };
}

const ODD_JSON = [
  'null',
  '-0',
  '1e999',
  '0.1e-400',
  '""',
  '"\\u0000"',
  '"__proto__"',
  '[]',
  '{}',
  'true',
  '"\\ud800"',
  '[[1,2],[3]]',
];

/** JSON text of some depth, with odd values. */
function jsonText(mutations: Mutations, depth: number): string {
  const items = Array.from({ length: mutations.below(4) }, () => mutations.below(3));
  switch (depth === 0 ? 0 : mutations.below(3)) {
    case 0:
      return pick(mutations, ODD_JSON);
    case 1:
      return `[${items.map(() => jsonText(mutations, depth - 1)).join(',')}]`;
    default:
      return `{${items.map((item) => `${pick(mutations, ['"image"', '"__proto__"', '"label"'])}${item === 0 ? ' ' : ''}:${jsonText(mutations, depth - 1)}`).join(',')}}`;
  }
}

const bodySchema = z.strictObject({
  image: z.string().min(1),
  label: z.union([z.string(), z.int().nonnegative()]).optional(),
});

/** JSON bodies of a route, sound as JSON or damaged. */
export const jsonBodies: FuzzTarget = async (mutations) => {
  const text = Buffer.from(jsonText(mutations, 1 + mutations.below(6)));
  const body = mutations.below(2) === 0 ? text : Buffer.from(mutations.of(text));
  await refusesBy(['bad_request'], () => parseJsonBody(bodySchema, body, '{"image": "<base64>"}'));
};

function nested(mutations: Mutations, shape: readonly number[]): unknown {
  const [length, ...rest] = shape;
  if (length === undefined) return mutations.below(256);
  return Array.from({ length }, () => nested(mutations, rest));
}

/** Tensors in nested lists: sound ones keep their shape, damaged ones are refused or have as many numbers as their shape says. */
export const tensors: FuzzTarget = async (mutations) => {
  const shape = Array.from({ length: 1 + mutations.below(4) }, () => 1 + mutations.below(4));
  const text = Buffer.from(JSON.stringify(nested(mutations, shape)));
  const parsed = flattenNumbers(parseTensorJson(text, 1000));
  if (parsed.shape.join() !== shape.join())
    throw new Error(`A tensor of ${shape} was read as ${parsed.shape}.`);
  const damaged = Buffer.from(mutations.of(text));
  await refusesBy(['bad_request', 'too_large'], () => {
    const found = flattenNumbers(parseTensorJson(damaged, 1000));
    const count = found.shape.reduce((product, length) => product * length, 1);
    if (count !== found.numbers.length)
      throw new Error(`A shape of ${found.shape} has ${found.numbers.length} numbers.`);
  });
};
