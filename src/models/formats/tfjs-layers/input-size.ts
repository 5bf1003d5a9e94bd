import { z } from 'zod';

const side = z.int().positive().nullable();
/** `[rows, height, width, channels]` of images; null for a size that is not fixed. */
const imageShape = z.tuple([z.null(), side, side, z.union([z.literal(1), z.literal(3)])]);

interface Size {
  readonly height: number;
  readonly width: number;
}

type Json = Record<string, unknown>;

/** Fixes the size of the images of a network that takes any size.
 * @param topology `modelTopology` of model.json; only read
 * @returns null when the network's size is fixed */
export function withInputSize(topology: Json, { height, width }: Size): Json | null {
  let isFixed = true;
  const text = JSON.stringify(topology, (name, value: unknown) => {
    if (name !== 'batch_input_shape' && name !== 'batch_shape') return value;
    const shape = imageShape.safeParse(value).data;
    if (shape === undefined || (shape[1] !== null && shape[2] !== null)) return value;
    isFixed = false;
    return [null, height, width, shape[3]];
  });
  return isFixed ? null : z.record(z.string(), z.unknown()).parse(JSON.parse(text));
}
