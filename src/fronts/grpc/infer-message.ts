import { z } from 'zod';
import { FoveaError } from '../../platform/errors.js';
import { elementsOf, refused, splitElements } from '../oip/images.js';
import type { GrpcInferRequest } from './messages.js';

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);

const parameter = z.looseObject({
  bool_param: z.boolean().optional(),
  int64_param: z.number().optional(),
  uint64_param: z.number().optional(),
});

const parameters = z.record(z.string(), parameter);

const numbers = z.custom<readonly number[]>(Array.isArray).default([]);

const contents = z.looseObject({
  uint_contents: numbers,
  fp32_contents: numbers,
  bytes_contents: z.array(bytes).default([]),
});

/** A `ModelInferRequest` as the protobuf library reads it. */
const messageSchema = z.looseObject({
  model_name: z.string(),
  model_version: z.string(),
  id: z.string(),
  parameters,
  inputs: z.array(
    z.looseObject({
      name: z.string(),
      datatype: z.string(),
      shape: z.array(z.int().nonnegative()),
      parameters,
      contents: contents.nullish(),
    }),
  ),
  outputs: z.array(z.looseObject({ name: z.string(), parameters })),
  raw_input_contents: z.array(bytes),
});

type Message = z.infer<typeof messageSchema>;
type Input = Message['inputs'][number];

function typedData({ name, datatype, contents: typed }: Input): Uint8Array | Uint8Array[] {
  if (typed === null || typed === undefined) throw refused(`The input ${name} has no data.`);
  if (datatype === 'BYTES') return typed.bytes_contents;
  if (datatype === 'FP32') return new Uint8Array(Float32Array.from(typed.fp32_contents).buffer);
  if (datatype !== 'UINT8')
    throw refused(`The input ${name} takes UINT8, FP32 or BYTES as contents, not ${datatype}.`);
  if (typed.uint_contents.some((value) => value > 255)) throw refused('Pixels are whole numbers 0..255.');
  return Uint8Array.from(typed.uint_contents);
}

function tensorOf(input: Input, raw: Uint8Array | undefined): GrpcInferRequest['inputs'][number] {
  const { name, datatype, shape } = input;
  const { shared_memory_region: region } = input.parameters;
  if (region !== undefined) throw new FoveaError('not_implemented', 'Shared memory is not supported.');
  if (raw === undefined) return { name, datatype, shape, data: typedData(input) };
  const data = datatype === 'BYTES' ? splitElements(name, raw, elementsOf(shape)) : raw;
  return { name, datatype, shape, data };
}

/** Reads a request. Raw contents stay views of the message.
 * @throws FoveaError `bad_request`, `not_implemented` */
export function readInferMessage(message: unknown): {
  readonly id: string;
  readonly request: GrpcInferRequest;
} {
  const parsed = messageSchema.safeParse(message);
  if (!parsed.success)
    throw refused('The request is not an inference request: a dimension is negative or too large.');
  const { inputs, raw_input_contents: raws, outputs, parameters: own, id } = parsed.data;
  if (raws.length > 0 && raws.length !== inputs.length)
    throw refused(`There are ${inputs.length} inputs and ${raws.length} raw_input_contents.`);
  if (raws.length > 0 && inputs.some((input) => input.contents !== null && input.contents !== undefined))
    throw refused('With raw_input_contents no input has contents.');
  const microseconds = own.timeout?.int64_param ?? own.timeout?.uint64_param ?? 0;
  const request: GrpcInferRequest = {
    method: 'ModelInfer',
    model: parsed.data.model_name,
    version: parsed.data.model_version,
    timeoutMs: microseconds > 0 ? microseconds / 1000 : undefined,
    inputs: inputs.map((input, place) => tensorOf(input, raws[place])),
    outputs:
      outputs.length === 0
        ? undefined
        : outputs.map((output) => ({
            name: output.name,
            classes: output.parameters.classification?.int64_param ?? 0,
          })),
  };
  return { id, request };
}
