import type { FactValues, Scaling } from './fact-values.js';

/** `(pixel · rescale − mean) / deviation` in the canonical form. */
export function standardizing(
  rescale: number,
  mean: readonly number[],
  deviation: readonly number[],
): Scaling {
  return {
    scale: deviation.map((value) => rescale / value),
    offset: mean.map((value, channel) => -value / (deviation[channel] ?? 1)),
  };
}

const IMAGENET_MEAN = [0.485, 0.456, 0.406];
const IMAGENET_DEVIATION = [0.229, 0.224, 0.225];
/** Blue, green, red. */
const CAFFE_MEAN = [103.939, 116.779, 123.68];

export type Preset = Partial<Pick<FactValues, 'scaling' | 'color_order' | 'resize' | 'crop'>>;

/** Keras' own `load_img` stretches to the nearest pixels. */
const KERAS_RESIZE = { resize: { mode: 'stretch', interpolation: 'nearest', antialias: false } } as const;
const IMAGENET = standardizing(1 / 255, IMAGENET_MEAN, IMAGENET_DEVIATION);

/**
 * How well-known families of models take their images.
 * @source keras/src/applications/imagenet_utils.py (`preprocess_input`); torchvision/transforms/_presets.py
 *   (`ImageClassification`); teachablemachine-community, libraries/image
 */
export const PRESETS: Readonly<Record<string, Preset>> = {
  /** MobileNet, MobileNetV2, Inception, Xception, ResNetV2, NASNet */
  'keras:tf': { scaling: { scale: [1 / 127.5], offset: [-1] }, ...KERAS_RESIZE },
  /** ResNet50, VGG */
  'keras:caffe': {
    scaling: { scale: [1, 1, 1], offset: CAFFE_MEAN.map((mean) => -mean) },
    color_order: 'bgr',
    ...KERAS_RESIZE,
  },
  /** DenseNet */
  'keras:torch': { scaling: IMAGENET, ...KERAS_RESIZE },
  /** EfficientNet, MobileNetV3, ConvNeXt: the network scales its images itself. */
  'keras:none': { scaling: { scale: [1], offset: [0] }, ...KERAS_RESIZE },
  torchvision: {
    scaling: IMAGENET,
    resize: { mode: 'shortest_edge', edge: 256, interpolation: 'bilinear', antialias: true },
    crop: 'center',
  },
  'teachable-machine': {
    scaling: { scale: [1 / 127], offset: [-1] },
    resize: { mode: 'cover', interpolation: 'bilinear', antialias: false },
  },
  '0..1': { scaling: { scale: [1 / 255], offset: [0] } },
  '-1..1': { scaling: { scale: [1 / 127.5], offset: [-1] } },
  '0..255': { scaling: { scale: [1], offset: [0] } },
};

export const PRESET_NAMES: readonly string[] = Object.keys(PRESETS);
