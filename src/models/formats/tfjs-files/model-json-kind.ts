import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const graphModel = z.union([
  z.looseObject({ format: z.literal('graph-model') }),
  z.looseObject({ modelTopology: z.looseObject({ node: z.array(z.unknown()) }) }),
]);

/** Whether the content of a model.json is a tfjs GraphModel. */
export function isGraphModel(json: unknown): boolean {
  return graphModel.safeParse(json).success;
}

/** Which of the two formats of tfjs a folder holds: both have a `model.json`. A damaged file counts as `layers`.
 * @returns null without a model.json */
export async function modelJsonKind(directory: string): Promise<'layers' | 'graph' | null> {
  const text = await readFile(join(directory, 'model.json'), 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return isGraphModel(JSON.parse(text)) ? 'graph' : 'layers';
  } catch {
    return 'layers';
  }
}
