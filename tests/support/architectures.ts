import * as tf from '@tensorflow/tfjs';

type Layer = tf.layers.Layer;
type Value = tf.SymbolicTensor;

const IMAGE = [32, 32, 3];

/** The network that the project ships, of 849,066 parameters. */
export function cifar10Cnn(): tf.LayersModel {
  const block = (filters: number, inputShape?: number[]): Layer[] => [
    tf.layers.conv2d({ filters, kernelSize: 3, padding: 'same', ...(inputShape && { inputShape }) }),
    tf.layers.batchNormalization(),
    tf.layers.reLU(),
    tf.layers.conv2d({ filters, kernelSize: 3, padding: 'same' }),
    tf.layers.batchNormalization(),
    tf.layers.reLU(),
    tf.layers.maxPooling2d({ poolSize: 2 }),
    tf.layers.dropout({ rate: 0.25 }),
  ];
  const dense = (units: number): Layer[] => [
    tf.layers.dense({ units }),
    tf.layers.batchNormalization(),
    tf.layers.activation({ activation: 'relu' }),
    tf.layers.dropout({ rate: 0.5 }),
  ];
  const layers = [
    ...[...block(32, IMAGE), ...block(64), ...block(128)],
    tf.layers.flatten(),
    ...[...dense(256), ...dense(128)],
    tf.layers.dense({ units: 10, activation: 'softmax' }),
  ];
  return tf.sequential({ layers });
}

/** What a processor is fastest at: convolutions of many channels over a whole image. */
export function largeConvolutions(size: { channels: number; convolutions: number }): tf.LayersModel {
  const convolution = (inputShape?: number[]): Layer =>
    tf.layers.conv2d({
      filters: size.channels,
      kernelSize: 3,
      padding: 'same',
      activation: 'relu',
      ...(inputShape && { inputShape }),
    });
  const layers = [
    convolution(IMAGE),
    ...Array.from({ length: size.convolutions }, () => convolution()),
    tf.layers.globalAveragePooling2d({}),
    tf.layers.dense({ units: 10, activation: 'softmax' }),
  ];
  return tf.sequential({ layers });
}

/** Depthwise and separable convolutions, zero padding, strides, dilation, relu6. */
export function mobileNet(): tf.LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.zeroPadding2d({
        padding: [
          [0, 1],
          [0, 1],
        ],
        inputShape: IMAGE,
      }),
      tf.layers.conv2d({ filters: 16, kernelSize: 3, strides: 2, useBias: false }),
      tf.layers.batchNormalization({ scale: false }),
      tf.layers.reLU({ maxValue: 6 }),
      tf.layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', depthMultiplier: 2, useBias: false }),
      tf.layers.batchNormalization({ center: false }),
      tf.layers.reLU({ maxValue: 6 }),
      tf.layers.separableConv2d({ filters: 24, kernelSize: 3, padding: 'same', strides: 2 }),
      tf.layers.batchNormalization(),
      tf.layers.leakyReLU({ alpha: 0.1 }),
      tf.layers.conv2d({ filters: 24, kernelSize: 3, padding: 'same', dilationRate: 2, activation: 'elu' }),
      tf.layers.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
      tf.layers.globalAveragePooling2d({}),
      tf.layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });
}

/** A functional model: batch norm before convolutions, a shortcut, a gate, branches joined by their channels. */
export function residualNet(): tf.LayersModel {
  const conv = (x: Value, filters: number, activation: 'linear' | 'relu' = 'linear'): Value =>
    symbol(tf.layers.conv2d({ filters, kernelSize: 3, padding: 'same', activation }).apply(x));
  const norm = (x: Value): Value => symbol(tf.layers.batchNormalization().apply(x));
  const input = tf.input({ shape: IMAGE });
  const stem = norm(conv(input, 16));
  const inner = symbol(tf.layers.activation({ activation: 'relu' }).apply(norm(stem)));
  const sum = symbol(tf.layers.add().apply([stem, norm(conv(inner, 16))]));
  const pooled = symbol(tf.layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }).apply(sum));
  const squeezed = symbol(tf.layers.globalAveragePooling2d({}).apply(pooled));
  const gate = symbol(tf.layers.dense({ units: 16, activation: 'sigmoid' }).apply(squeezed));
  const gateShape = symbol(tf.layers.reshape({ targetShape: [1, 1, 16] }).apply(gate));
  const gated = symbol(tf.layers.multiply().apply([pooled, gateShape]));
  const branches = [
    conv(gated, 8, 'relu'),
    symbol(tf.layers.activation({ activation: 'tanh' }).apply(gated)),
  ];
  const joined = symbol(tf.layers.concatenate().apply(branches));
  const top = symbol(tf.layers.globalMaxPooling2d({}).apply(joined));
  const classes = symbol(tf.layers.dense({ units: 10 }).apply(top));
  return tf.model({ inputs: input, outputs: symbol(tf.layers.softmax().apply(classes)) });
}

/** Has a layer that no plan knows. */
export function upSamplingNet(): tf.LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 8, kernelSize: 3, strides: 2, inputShape: IMAGE, activation: 'relu' }),
      tf.layers.upSampling2d({ size: [2, 2] }),
      tf.layers.globalAveragePooling2d({}),
      tf.layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });
}

function symbol(result: tf.Tensor | tf.Tensor[] | Value | Value[]): Value {
  if (result instanceof tf.SymbolicTensor) return result;
  throw new Error('A layer gave no single symbolic tensor.');
}
