import type { FactValues } from '../facts.js';

/** A model that a public registry has. */
export interface PackagedModel {
  readonly name: string;
  readonly description: string;
  /** On npm, pinned by its hash. */
  readonly package: string;
  readonly version: string;
  readonly integrity: string;
  readonly megabytes: number;
  readonly license: string;
  readonly provenance: string;
  /** Folder of the package that holds the model's files. */
  readonly folder: string;
  /** What the package's own code does with pictures and answers. */
  readonly facts: Partial<FactValues>;
}

const NSFWJS = {
  package: 'nsfwjs',
  version: '4.4.0',
  integrity:
    'sha512-krC1fgeTLXtZwgdpKJ0jm7hqv0gTSRQQRL+FhOaxaJ9Wj92t42BO3csO2odwgTAgZgf2RvkwPtp0R8Aa7dc+MA==',
  megabytes: 25,
  license: 'MIT',
  provenance:
    'by Infinite Red; the weights were trained on pictures that people of the internet sorted, and no model card says more: try it on your own pictures before you rely on it',
} as const;

/** @source nsfwjs 4.4.0, dist/esm/index.js: `fromPixels / 255`, `resizeBilinear(…, alignCorners = true)`; its NSFW_CLASSES */
const NSFW_FACTS: Partial<FactValues> = {
  labels: ['Drawing', 'Hentai', 'Neutral', 'Porn', 'Sexy'],
  scaling: { scale: [1 / 255], offset: [0] },
  resize: { mode: 'stretch', interpolation: 'bilinear', antialias: false, align_corners: true },
  color_order: 'rgb',
  license: 'MIT',
};

export const PACKAGED_MODELS: readonly PackagedModel[] = [
  {
    ...NSFWJS,
    name: 'nsfw',
    description: 'drawings, hentai, porn, sexy and neutral pictures; MobileNetV2, 224 × 224',
    folder: 'package/dist/models/mobilenet_v2',
    facts: { ...NSFW_FACTS, name: 'nsfw' },
  },
  {
    ...NSFWJS,
    name: 'nsfw-inception',
    description: 'the same classes; InceptionV3, 299 × 299: better and slower',
    folder: 'package/dist/models/inception_v3',
    facts: { ...NSFW_FACTS, name: 'nsfw-inception' },
  },
];
