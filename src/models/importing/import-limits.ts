import { z } from 'zod';

const limit = z.number().positive();

/** A model file is a stranger's: what it may ask of us. */
export const importLimitsSchema = z.object({
  /** Of the file or folder, and of what an archive unpacks to. */
  maxBytes: limit,
  maxFiles: limit,
  /** Unpacked bytes for each byte of an archive. */
  maxRatio: limit,
  /** Nodes or layers, those of graphs inside nodes included. */
  maxNodes: limit,
  maxTensors: limit,
  /** Of graphs inside nodes, and of models inside models. */
  maxDepth: limit,
});

export type ImportLimits = z.infer<typeof importLimitsSchema>;

/** The defaults of the settings. */
export const IMPORT_LIMITS: ImportLimits = {
  maxBytes: 2 ** 31,
  maxFiles: 1000,
  maxRatio: 100,
  maxNodes: 100_000,
  maxTensors: 100_000,
  maxDepth: 8,
};
