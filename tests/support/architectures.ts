import tf = require('@tensorflow/tfjs');

type Layer = tf.layers.Layer;
type Value = tf.SymbolicTensor;

const IMAGE = [32, 32, 3];

/** The shipped network; 849,066 parameters. */
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

/**
 * High arithmetic intensity: convolutions of many channels over a whole image; 5 × 5, which Winograd's algorithm does
 * not cover.
 */
export function largeConvolutions(size: { channels: number; convolutions: number }): tf.LayersModel {
  const convolution = (inputShape?: number[]): Layer =>
    tf.layers.conv2d({
      filters: size.channels,
      kernelSize: 5,
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

/** A functional model: batch norm of the input and before convolutions, a shortcut with and one without an activation after it,
 * a gate, branches concatenated by channel. */
export function residualNet(): tf.LayersModel {
  const conv = (x: Value, filters: number, activation: 'linear' | 'relu' = 'linear'): Value =>
    symbol(tf.layers.conv2d({ filters, kernelSize: 3, padding: 'same', activation }).apply(x));
  const norm = (x: Value): Value => symbol(tf.layers.batchNormalization().apply(x));
  const input = tf.input({ shape: IMAGE });
  const relu = (x: Value): Value => symbol(tf.layers.activation({ activation: 'relu' }).apply(x));
  const stem = norm(conv(norm(input), 16));
  const first = relu(symbol(tf.layers.add().apply([stem, norm(conv(relu(norm(stem)), 16))])));
  const sum = symbol(tf.layers.add().apply([norm(conv(first, 16)), first]));
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

/** 1 × 1 convolutions with each activation that Fovea computes itself, of numbers of channels that are and are not multiples of a
 * vector, at the end of a residual block, and with a stride. */
export function pointwiseNet(): tf.LayersModel {
  const conv = (
    x: Value,
    filters: number,
    activation: 'linear' | 'relu' | 'relu6' | 'swish',
    strides = 1,
  ): Value => symbol(tf.layers.conv2d({ filters, kernelSize: 1, activation, strides }).apply(x));
  const input = tf.input({ shape: IMAGE });
  const stem = symbol(
    tf.layers.conv2d({ filters: 32, kernelSize: 3, strides: 2, activation: 'relu' }).apply(input),
  );
  const wide = conv(conv(stem, 144, 'swish'), 36, 'relu6');
  const sum = symbol(tf.layers.add().apply([conv(wide, 64, 'linear'), conv(stem, 64, 'linear')]));
  const ended = symbol(tf.layers.activation({ activation: 'relu' }).apply(sum));
  const narrow = conv(conv(ended, 96, 'relu', 2), 240, 'swish');
  const top = symbol(tf.layers.globalAveragePooling2d({}).apply(conv(narrow, 320, 'linear')));
  const classes = tf.layers.dense({ units: 10, activation: 'softmax' }).apply(top);
  return tf.model({ inputs: input, outputs: symbol(classes) });
}

/** Has a layer that no plan supports. */
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

/**
 * 3 × 3 convolutions over many channels in the forms that Winograd's algorithm supports: with and without padding,
 * wider than high, of odd height and of odd width, of a number of channels that is no multiple of a block, with and without ReLU, read only by a 2 × 2 pool, by two layers, and by a pool of another size.
 */
export function winogradNet(): tf.LayersModel {
  const conv = (
    x: Value,
    filters: number,
    more: Partial<Parameters<typeof tf.layers.conv2d>[0]> = {},
  ): Value =>
    symbol(
      tf.layers.conv2d({ filters, kernelSize: 3, padding: 'same', activation: 'relu', ...more }).apply(x),
    );
  const pool = (x: Value, poolSize: number): Value =>
    symbol(tf.layers.maxPooling2d({ poolSize, strides: 2 }).apply(x));
  const input = tf.input({ shape: IMAGE });
  const wide = conv(input, 32, { kernelSize: [9, 3], padding: 'valid' });
  const inner = conv(wide, 64, { padding: 'valid' });
  const twice = conv(inner, 32, { activation: 'linear' });
  const sum = symbol(tf.layers.add().apply([twice, conv(twice, 32)]));
  const pooled = pool(conv(sum, 96, { activation: 'linear' }), 2);
  const overlapping = pool(conv(conv(pool(conv(inner, 32), 3), 40, { padding: 'valid' }), 64), 3);
  const ends = [conv(pooled, 32), overlapping].map((x) =>
    symbol(tf.layers.globalAveragePooling2d({}).apply(x)),
  );
  const joined = symbol(tf.layers.concatenate().apply(ends));
  const classes = tf.layers.dense({ units: 10, activation: 'softmax' }).apply(joined);
  return tf.model({ inputs: input, outputs: symbol(classes) });
}

/** Branches of convolutions and pools that are concatenated and added up. */
export function inceptionNet(): tf.LayersModel {
  const conv = (
    x: Value,
    filters: number,
    kernelSize: number,
    activation: 'linear' | 'relu' = 'relu',
  ): Value => symbol(tf.layers.conv2d({ filters, kernelSize, padding: 'same', activation }).apply(x));
  const relu = (x: Value): Value => symbol(tf.layers.activation({ activation: 'relu' }).apply(x));
  const pool = { poolSize: 3, strides: 1, padding: 'same' } as const;
  const input = tf.input({ shape: IMAGE });
  const stem = conv(input, 32, 3);
  const branches = [
    conv(stem, 16, 1),
    conv(conv(stem, 24, 1), 32, 3),
    conv(symbol(tf.layers.averagePooling2d(pool).apply(stem)), 16, 1),
    symbol(tf.layers.maxPooling2d(pool).apply(stem)),
  ];
  const joined = symbol(tf.layers.concatenate().apply(branches));
  const added = symbol(tf.layers.add().apply([conv(conv(joined, 24, 1), 96, 1, 'linear'), joined]));
  const first = relu(added);
  const second = symbol(tf.layers.add().apply([conv(first, 96, 3, 'linear'), first]));
  // A convolution with an activation of its own does not compute a sum, nor does one of each channel: these are steps of their own.
  const third = relu(symbol(tf.layers.add().apply([conv(second, 96, 3), second])));
  const each = symbol(tf.layers.depthwiseConv2d({ kernelSize: 3, padding: 'same' }).apply(third));
  const fourth = relu(symbol(tf.layers.add().apply([each, third])));
  const doubled = symbol(tf.layers.add().apply([fourth, fourth]));
  const signs = symbol(tf.layers.concatenate().apply([conv(doubled, 32, 1, 'linear'), conv(doubled, 32, 1)]));
  const pooled = symbol(tf.layers.globalAveragePooling2d({}).apply(conv(signs, 64, 1)));
  return tf.model({
    inputs: input,
    outputs: symbol(tf.layers.dense({ units: 10, activation: 'softmax' }).apply(pooled)),
  });
}
