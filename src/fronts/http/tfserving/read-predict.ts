import { z } from 'zod';
import { FoveaError } from '../../../platform/errors.js';
import type { ModelInput } from '../../../serving/model-input.js';
import { imagesOf } from '../../oip/images.js';
import type { InferTensor } from '../../oip/infer-request.js';
import { IMAGE, PIXELS } from '../../oip/signature.js';
import { bytesOfBase64, bytesOfNumbers, flattenNumbers } from '../json-numbers.js';
import { checkSignature, DEFAULT_SIGNATURE, FLOAT_SIGNATURE } from './signatures.js';

const requestSchema = z.looseObject({
  signature_name: z.string().default(DEFAULT_SIGNATURE),
  instances: z.array(z.unknown()).min(1).optional(),
  inputs: z.unknown().optional(),
});

const examplesSchema = z.looseObject({
  signature_name: z.string().default(DEFAULT_SIGNATURE),
  context: z.record(z.string(), z.unknown()).default({}),
  examples: z.array(z.record(z.string(), z.unknown())).min(1),
  top_k: z.int().min(1).optional(),
});

const base64Schema = z.strictObject({ b64: z.string() });
const namedSchema = z.record(z.string(), z.unknown());

/** The images of a request, and the form of the answer. */
export interface PredictRequest {
  readonly images: readonly ModelInput[];
  readonly isRow: boolean;
}

interface Reading {
  readonly isFloat: boolean;
  readonly maxImages: number;
}

function bad(message: string): FoveaError {
  return new FoveaError('bad_request', message);
}

/** A tensor with its batch dimension, from nested lists of numbers or of `{"b64": …}`. */
function tensorOf(value: unknown, { isFloat }: Reading): InferTensor {
  const first = Array.isArray(value) ? value[0] : value;
  if (typeof first === 'object' && first !== null && !Array.isArray(first)) {
    const files = z.array(base64Schema).safeParse(value);
    if (!files.success)
      throw bad('Image files are objects {"b64": "<base64>"}, and nothing else beside them.');
    const data = files.data.map(({ b64 }) => bytesOfBase64(b64));
    return { name: IMAGE, datatype: 'BYTES', shape: [data.length], data };
  }
  const { shape, numbers } = flattenNumbers(value);
  const data = bytesOfNumbers(numbers, isFloat ? 'float32' : 'uint8');
  return { name: PIXELS, datatype: isFloat ? 'FP32' : 'UINT8', shape, data };
}

function imagesNamed(name: string, value: unknown, reading: Reading): ModelInput[] {
  const tensor = tensorOf(value, reading);
  if (name !== tensor.name)
    throw bad(`The signature has the inputs ${IMAGE} and ${PIXELS}; ${name.slice(0, 64)} does not fit.`);
  return imagesOf([tensor], reading.maxImages);
}

/** @returns undefined for a value, such as a list or `{"b64": …}` */
function namedOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const named = namedSchema.safeParse(value);
  if (!named.success || Array.isArray(value) || base64Schema.safeParse(value).success) return undefined;
  return named.data;
}

function onlyOne(names: readonly string[]): string {
  const [name, second] = names;
  if (name !== undefined && second === undefined) return name;
  throw bad(`An example has one input, ${IMAGE} or ${PIXELS}.`);
}

function imagesOfRows(instances: readonly unknown[], reading: Reading): ModelInput[] {
  const named = instances.map(namedOf);
  if (named.every((each) => each === undefined))
    return imagesOf([tensorOf(instances, reading)], reading.maxImages);
  const objects = named.filter((each) => each !== undefined);
  if (objects.length < named.length)
    throw bad('Instances are all values, or all objects with the names of inputs.');
  const name = onlyOne([...new Set(objects.flatMap((each) => Object.keys(each)))]);
  return imagesNamed(
    name,
    objects.map((each) => each[name]),
    reading,
  );
}

function imagesOfColumns(inputs: unknown, reading: Reading): ModelInput[] {
  const named = namedOf(inputs);
  if (named === undefined) return imagesOf([tensorOf(inputs, reading)], reading.maxImages);
  const name = onlyOne(Object.keys(named));
  return imagesNamed(name, named[name], reading);
}

function parse<T>(schema: z.ZodType<T>, json: unknown, form: string): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw bad(`The request must be ${form}.`);
}

/** @throws FoveaError `bad_request`, `too_large`
 * @source tensorflow_serving/g3doc/api_rest.md, "Predict API" */
export function readPredict(json: unknown, maxImages: number): PredictRequest {
  const request = parse(requestSchema, json, '{"instances": […]} or {"inputs": …}');
  const { instances, inputs, signature_name: signature } = request;
  checkSignature(signature);
  const reading = { isFloat: signature === FLOAT_SIGNATURE, maxImages };
  if ((instances === undefined) === (inputs === undefined))
    throw bad("The request needs either 'instances' or 'inputs'.");
  if (instances !== undefined) return { images: imagesOfRows(instances, reading), isRow: true };
  return { images: imagesOfColumns(inputs, reading), isRow: false };
}

/** A feature may be a list of one value. */
function oneOf(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 && typeof value[0] === 'object' ? value[0] : value;
}

/** @returns the images, and how many classes of each the client wants
 * @throws FoveaError `bad_request`, `too_large`
 * @source tensorflow_serving/g3doc/api_rest.md, "Classify and Regress API" */
export function readClassify(
  json: unknown,
  maxImages: number,
): { readonly images: readonly ModelInput[]; readonly topK: number | undefined } {
  const {
    examples,
    context,
    signature_name: signature,
    top_k: topK,
  } = parse(examplesSchema, json, '{"examples": [{"image": {"b64": "…"}}]}');
  checkSignature(signature);
  const inputs = [IMAGE, PIXELS];
  if (inputs.some((name) => name in context))
    throw bad('An image belongs to an example, not to the context.');
  const reading = { isFloat: signature === FLOAT_SIGNATURE, maxImages };
  const name = onlyOne(
    [...new Set(examples.flatMap((each) => Object.keys(each)))].filter((each) => inputs.includes(each)),
  );
  return {
    images: imagesNamed(
      name,
      examples.map((each) => oneOf(each[name])),
      reading,
    ),
    topK,
  };
}
