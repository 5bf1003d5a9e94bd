import { z } from 'zod';

/** Each version needs its own instances, so their number is limited. */
const MAX_VERSIONS = 8;

const version = z.int().positive();

/** The split of a model's requests between versions. */
export const trafficRequestSchema = z
  .strictObject({
    /** Must name the active version and add up to 100; default: 100 % to the active version. */
    split: z
      .array(z.strictObject({ version, percent: z.number().min(0).max(100) }))
      .min(1)
      .max(MAX_VERSIONS)
      .optional(),
    /** Versions that classify copies of the images; their answers are recorded but not returned. */
    shadow: z.union([version.transform((one) => [one]), z.array(version).max(MAX_VERSIONS)]).default([]),
  })
  .refine(({ split }) => split === undefined || addsUp(split), 'the percents must add up to 100')
  .refine(
    ({ split = [], shadow }) => isDistinct([...split.map((share) => share.version), ...shadow]),
    'each version must be named once, in the split or as shadow',
  );

export type TrafficRequest = z.infer<typeof trafficRequestSchema>;

/** The stored form of a split. */
export const trafficSchema = z.strictObject({
  split: z.array(z.strictObject({ version, percent: z.number() })),
  shadow: z.array(version),
  /** When the split was set: its statistics count from then. */
  since: z.iso.datetime(),
});

export type Traffic = z.infer<typeof trafficSchema>;

function addsUp(split: readonly { readonly percent: number }[]): boolean {
  return Math.abs(split.reduce((sum, { percent }) => sum + percent, 0) - 100) < 1e-6;
}

function isDistinct(versions: readonly number[]): boolean {
  return new Set(versions).size === versions.length;
}
