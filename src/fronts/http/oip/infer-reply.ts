import type { InferAnswer } from '../../oip/infer.js';
import { type OutputTensor, rawOf } from '../../oip/outputs.js';
import { shortFloat } from '../json-numbers.js';
import { type Header, jsonReply, type Reply } from '../reply.js';
import type { SentOutput } from './read-infer.js';

function valuesOf(tensor: OutputTensor): readonly (number | string)[] {
  if (tensor.datatype === 'FP32') return Array.from(tensor.values, shortFloat);
  return [...tensor.values];
}

/** The answer in JSON, or JSON with binary tensors behind it.
 * @param outputs in the order of `answer.outputs`
 * @source Open Inference Protocol, "Binary Tensor Data Extension" */
export function inferReply(
  { model, version, outputs }: InferAnswer,
  sent: readonly SentOutput[],
  { id, headers }: { readonly id: string | undefined; readonly headers: readonly Header[] },
): Reply {
  const raws: Uint8Array[] = [];
  const described = outputs.map((tensor, place) => {
    const { name, datatype, shape } = tensor;
    if (sent[place]?.isBinary !== true) return { name, datatype, shape, data: valuesOf(tensor) };
    const raw = rawOf(tensor);
    raws.push(raw);
    return { name, datatype, shape, parameters: { binary_data_size: raw.length } };
  });
  const json = { model_name: model, model_version: String(version), id, outputs: described };
  if (raws.length === 0) return jsonReply(json, headers);
  const head = Buffer.from(JSON.stringify(json));
  return {
    status: 200,
    headers: [
      ['Content-Type', 'application/octet-stream'],
      ['Inference-Header-Content-Length', String(head.length)],
      ...headers,
    ],
    body: Buffer.concat([head, ...raws]),
  };
}
