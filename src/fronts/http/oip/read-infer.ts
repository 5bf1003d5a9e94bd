import { z } from 'zod';
import { FoveaError } from '../../../platform/errors.js';
import { sniffFormat } from '../../../serving/decoding/sniff.js';
import { elementsOf, refused, splitElements } from '../../oip/images.js';
import type { InferRequest, InferTensor, WantedOutput } from '../../oip/infer-request.js';
import { IMAGE, PIXELS } from '../../oip/signature.js';
import { bytesOfBase64, bytesOfNumbers, flattenNumbers, parseTensorJson } from '../json-numbers.js';
import { describeIssues } from '../query.js';
import { type InferJson, inferRequestSchema, type Parameters, type TensorJson } from './infer-schema.js';

/** An output, and whether it is answered in binary. */
export interface SentOutput extends WantedOutput {
  readonly isBinary: boolean;
}

/** An inference request that came over HTTP. */
export interface HttpInfer {
  readonly id: string | undefined;
  readonly inputs: readonly InferTensor[];
  /** Undefined: all outputs. */
  readonly outputs: readonly SentOutput[] | undefined;
  /** Whether outputs are answered in binary where `outputs` does not say so. */
  readonly isBinary: boolean;
  readonly timeoutMs: InferRequest['timeoutMs'];
}

/** The tensors behind the JSON, one behind another. */
class BinaryPart {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  take(name: string, size: number): Buffer {
    const end = this.#at + size;
    if (end > this.#bytes.length)
      throw refused(`The input ${name} is to have ${size} bytes; ${this.#bytes.length - this.#at} are left.`);
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  requireEnd(): void {
    const rest = this.#bytes.length - this.#at;
    if (rest > 0) throw refused(`${rest} bytes are left behind the last input.`);
  }
}

function jsonData({ name, datatype, data }: TensorJson): InferTensor['data'] {
  if (datatype === 'BYTES') {
    const texts = z.array(z.string()).safeParse(Array.isArray(data) ? data.flat(8) : data);
    if (!texts.success) throw refused(`The data of the input ${name} are base64 texts in JSON.`);
    return texts.data.map(bytesOfBase64);
  }
  if (datatype !== 'UINT8' && datatype !== 'FP32')
    throw refused(`The input ${name} takes UINT8 or FP32 in JSON, not ${datatype}.`);
  return bytesOfNumbers(flattenNumbers(data).numbers, datatype === 'UINT8' ? 'uint8' : 'float32');
}

function tensorOf(json: TensorJson, binary: BinaryPart): InferTensor {
  const { name, datatype, shape, data, parameters = {} } = json;
  if ('shared_memory_region' in parameters)
    throw new FoveaError('not_implemented', 'Shared memory is not supported.');
  const { binary_data_size: size } = parameters;
  if ((size === undefined) === (data === undefined))
    throw refused(`The input ${name} needs either data or the parameter binary_data_size.`);
  if (size === undefined) return { name, datatype, shape, data: jsonData(json) };
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw refused(`binary_data_size of the input ${name} is a number of bytes.`);
  const raw = binary.take(name, size);
  return {
    name,
    datatype,
    shape,
    data: datatype === 'BYTES' ? splitElements(name, raw, elementsOf(shape)) : raw,
  };
}

function flagOf(parameters: Parameters | undefined, name: string): boolean | undefined {
  const value = parameters?.[name];
  if (value === undefined || typeof value === 'boolean') return value;
  throw refused(`The parameter ${name} is true or false.`);
}

function classesOf(parameters: Parameters | undefined): number {
  const classes = parameters?.classification ?? 0;
  if (typeof classes === 'number' && Number.isInteger(classes) && classes >= 0) return classes;
  throw refused('The parameter classification is a number of classes.');
}

function outputsOf({ outputs, parameters }: InferJson): Pick<HttpInfer, 'outputs' | 'isBinary'> {
  const isBinary = flagOf(parameters, 'binary_data_output') ?? false;
  if (outputs === undefined || outputs.length === 0) return { outputs: undefined, isBinary };
  const wanted = outputs.map((output) => ({
    name: output.name,
    classes: classesOf(output.parameters),
    isBinary: flagOf(output.parameters, 'binary_data') ?? isBinary,
  }));
  return { outputs: wanted, isBinary };
}

/** @returns undefined for no time limit of the client's own */
function timeoutOf(parameters: Parameters = {}): number | undefined {
  if (Object.keys(parameters).some((name) => name.startsWith('triton_')))
    throw refused('Parameters whose names begin with triton_ are reserved.');
  const { timeout: microseconds = 0 } = parameters;
  if (typeof microseconds !== 'number' || microseconds < 0)
    throw refused('The parameter timeout is a number of microseconds.');
  return microseconds === 0 ? undefined : microseconds / 1000;
}

/** A body without JSON is one image: a file, or pixels. */
function rawRequest(body: Buffer): HttpInfer {
  const base = { id: undefined, outputs: undefined, isBinary: true, timeoutMs: undefined };
  const isFile = sniffFormat(body) !== undefined;
  const input = isFile
    ? { name: IMAGE, datatype: 'BYTES', shape: [1], data: [body] }
    : { name: PIXELS, datatype: 'UINT8', shape: undefined, data: body };
  return { ...base, inputs: [input] };
}

/** @param header `Inference-Header-Content-Length`; '' when absent: then the whole body is JSON
 * @throws FoveaError `bad_request`, `too_large`, `not_implemented` */
export function readInfer(body: Buffer, header: string, maxNumbers: number): HttpInfer {
  if (header !== '' && (!/^\d{1,10}$/.test(header) || Number(header) > body.length))
    throw refused('Inference-Header-Content-Length is the length of the JSON in front of the tensors.');
  const jsonBytes = header === '' ? body.length : Number(header);
  if (jsonBytes === 0 && header !== '') return rawRequest(body);
  const parsed = inferRequestSchema.safeParse(parseTensorJson(body.subarray(0, jsonBytes), maxNumbers));
  if (!parsed.success)
    throw new FoveaError('bad_request', 'The request is not an inference request.', {
      details: { problems: describeIssues(parsed.error).slice(0, 5) },
    });
  const json = parsed.data;
  const binary = new BinaryPart(body.subarray(jsonBytes));
  const inputs = json.inputs.map((input) => tensorOf(input, binary));
  binary.requireEnd();
  return { id: json.id, inputs, ...outputsOf(json), timeoutMs: timeoutOf(json.parameters) };
}
