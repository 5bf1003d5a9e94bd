import { FoveaError } from '../../../platform/errors.js';
import { sizeOf, type Weights } from '../../plan/plan.js';
import type { TfjsModel } from './tfjs-model.js';
import type { WeightSpec } from './weight-spec.js';

const BYTES: Readonly<Partial<Record<WeightSpec['dtype'], number>>> = { float32: 4, int32: 4, bool: 1 };

/** The float32 and int32 weights of a model, by name.
 * @param refuse throws for a type whose length in bytes is unknown
 * @throws FoveaError `model_invalid` when the files hold fewer numbers than the shapes need */
export function storedNumbers(
  { weightSpecs, weightData }: TfjsModel,
  refuse: (spec: WeightSpec) => never,
): ReadonlyMap<string, Weights & { readonly dtype: 'float32' | 'int32' }> {
  const byName = new Map<string, Weights & { readonly dtype: 'float32' | 'int32' }>();
  let offset = 0;
  for (const spec of weightSpecs) {
    const { name, shape, dtype } = spec;
    const end = offset + sizeOf(shape) * (BYTES[dtype] ?? refuse(spec));
    if (end > weightData.byteLength) throw new FoveaError('model_invalid', `The weights end before ${name}.`);
    if (dtype === 'float32')
      byName.set(name, { shape, dtype, values: new Float32Array(...aligned(weightData, offset, end)) });
    if (dtype === 'int32') {
      const values = new Int32Array(...aligned(weightData, offset, end));
      byName.set(name, { shape, dtype, values: Float32Array.from(values) });
    }
    offset = end;
  }
  return byName;
}

/** The place of numbers of four bytes: in the file's memory, because a copy would double that. Behind weights of one byte they are
 * copied: arrays begin at whole numbers. */
function aligned(data: ArrayBuffer, offset: number, end: number): [ArrayBuffer, number, number] {
  return offset % 4 === 0
    ? [data, offset, (end - offset) / 4]
    : [data.slice(offset, end), 0, (end - offset) / 4];
}
