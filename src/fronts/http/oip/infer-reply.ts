import type { InferAnswer } from '../../oip/infer.js';
import { type OutputTensor, rawOf } from '../../oip/outputs.js';
import { shortFloat } from '../json-numbers.js';
import { jsonReply, type Reply } from '../reply.js';
import type { HttpInfer } from './read-infer.js';

function valuesOf(tensor: OutputTensor): readonly (number | string | boolean)[] {
  if (tensor.datatype === 'FP32') return Array.from(tensor.values, shortFloat);
  if (tensor.datatype === 'BOOL') return Array.from(tensor.values, Boolean);
  return [...tensor.values];
}

/** The answer in JSON, or JSON with binary tensors behind it.
 * @source Open Inference Protocol, "Binary Tensor Data Extension" */
export function inferReply(
  { model, version, outputs }: InferAnswer,
  sent: Pick<HttpInfer, 'id' | 'outputs' | 'isBinary'>,
): Reply {
  const raws: Uint8Array[] = [];
  const described = outputs.map((tensor, place) => {
    const { name, datatype, shape } = tensor;
    const isBinary = sent.outputs?.[place]?.isBinary ?? sent.isBinary;
    if (!isBinary) return { name, datatype, shape, data: valuesOf(tensor) };
    const raw = rawOf(tensor);
    raws.push(raw);
    return { name, datatype, shape, parameters: { binary_data_size: raw.length } };
  });
  const json = { model_name: model, model_version: String(version), id: sent.id, outputs: described };
  if (raws.length === 0) return jsonReply(json);
  const head = Buffer.from(JSON.stringify(json));
  return {
    status: 200,
    headers: [
      ['Content-Type', 'application/octet-stream'],
      ['Inference-Header-Content-Length', String(head.length)],
    ],
    body: Buffer.concat([head, ...raws]),
  };
}
