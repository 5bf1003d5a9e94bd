import { z } from 'zod';
import { stretchedInput } from './image-input.js';
import { type Manifest, manifestSchema } from './manifest.js';
import { uniqueLabels } from './unique-labels.js';

/** Of format 1: everything else about the pixel path was fixed. */
const inputOf1 = z.object({
  height: z.int().positive(),
  width: z.int().positive(),
  channels: z.union([z.literal(1), z.literal(3)]),
  scale: z.number(),
  offset: z.number(),
});

const format1 = z.looseObject({ format: z.literal(1), input: inputOf1 });

const named = z.looseObject({
  labels: z.array(z.string()),
  label_ids: z.array(z.string()).optional(),
});

/** Format 1 says with format 2's words what it always meant. */
function upgrade(json: unknown): unknown {
  const { data } = format1.safeParse(json);
  if (data === undefined) return json;
  const { scale, offset } = data.input;
  return { ...data, format: 2, input: stretchedInput(data.input, scale, offset) };
}

/** Parses the JSON of a `manifest.json` of any format.
 * @returns as format 2, with labels that differ
 * @throws ZodError */
export function parseManifest(json: unknown): Manifest {
  const upgraded = upgrade(json);
  const { data } = named.safeParse(upgraded);
  if (data === undefined) return manifestSchema.parse(upgraded);
  return manifestSchema.parse({ ...data, labels: uniqueLabels(data.labels, data.label_ids) });
}
