/** A model file is a stranger's: what it may ask of us. */
export interface ImportLimits {
  readonly maxBytes: number;
  readonly maxFiles: number;
  /** Unpacked bytes for each byte of an archive. */
  readonly maxRatio: number;
}

export const IMPORT_LIMITS: ImportLimits = { maxBytes: 2 ** 31, maxFiles: 1000, maxRatio: 100 };
