import { z } from 'zod';
import { type ImageInput, imageInputSchema } from '../../repository/image-input.js';
import type { Manifest } from '../../repository/manifest.js';
import { type ModelOutput, modelOutputSchema } from '../../repository/model-output.js';
import type { OnnxModel } from './read-onnx.js';

/** The key of `metadata_props` under which `fovea export` writes the manifest's facts, as JSON. */
const KEY = 'fovea';

const factsSchema = z.object({
  labels: z.array(z.string()),
  label_ids: z.array(z.string()).optional(),
  input: imageInputSchema,
  output: modelOutputSchema,
  license: z.string().optional(),
});

/** The part of a manifest that an exported file repeats. */
export interface ExportedFacts {
  readonly labels: readonly string[];
  readonly label_ids?: readonly string[] | undefined;
  readonly input: ImageInput;
  readonly output: ModelOutput;
  readonly license?: string | undefined;
}

/** `metadata_props` of an exported file. */
export function onnxMetadata(manifest: Manifest): Record<string, string> {
  const { labels, label_ids, license, model, version } = manifest;
  const { name: _, ...input } = manifest.input;
  const { name: __, ...output } = manifest.output;
  const facts: ExportedFacts = {
    labels,
    label_ids,
    input: { ...input, layout: 'nchw' },
    // The graph applies both itself.
    output: { ...output, activation: 'none', drop_first: 0 },
    license,
  };
  return { [KEY]: JSON.stringify(facts), model, version: String(version) };
}

/** What `fovea export` wrote into a file; undefined for a file of another tool. */
export function exportedFacts({ metadataProps }: OnnxModel): ExportedFacts | undefined {
  const text = metadataProps.find(({ key }) => key === KEY)?.value;
  if (text === undefined) return undefined;
  try {
    return factsSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
