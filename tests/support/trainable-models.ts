import tf = require('@tensorflow/tfjs-node-gpu');

/** Depthwise and separable convolutions, strides, batch norm without scale or centre, all kinds of activations. */
export function seededManyLayers(classes: number): tf.LayersModel {
  const { initializer } = seeds();
  return tf.sequential({
    layers: [
      tf.layers.zeroPadding2d({ padding: 1, inputShape: [12, 12, 1] }),
      tf.layers.conv2d({
        filters: 4,
        kernelSize: 3,
        strides: 2,
        useBias: false,
        kernelInitializer: initializer(),
      }),
      tf.layers.batchNormalization({ scale: false }),
      tf.layers.reLU({ maxValue: 6 }),
      tf.layers.depthwiseConv2d({
        kernelSize: 3,
        padding: 'same',
        depthMultiplier: 2,
        depthwiseInitializer: initializer(),
      }),
      tf.layers.batchNormalization({ center: false }),
      tf.layers.leakyReLU({ alpha: 0.1 }),
      tf.layers.separableConv2d({
        filters: 6,
        kernelSize: 3,
        padding: 'same',
        activation: 'elu',
        depthwiseInitializer: initializer(),
        pointwiseInitializer: initializer(),
      }),
      tf.layers.averagePooling2d({ poolSize: 2 }),
      tf.layers.globalAveragePooling2d({}),
      tf.layers.dense({ units: 8, activation: 'tanh', kernelInitializer: initializer() }),
      tf.layers.dense({ units: classes, kernelInitializer: initializer() }),
      tf.layers.softmax(),
    ],
  });
}

/** A functional model: a shortcut, a gate, and branches that are joined. */
export function seededBranches(classes: number): tf.LayersModel {
  const { initializer } = seeds();
  const symbol = (value: unknown): tf.SymbolicTensor => {
    if (value instanceof tf.SymbolicTensor) return value;
    throw new Error('A layer gave no single symbolic tensor.');
  };
  const conv = (kernelSize: number, more: object = {}) =>
    tf.layers.conv2d({ filters: 4, kernelSize, padding: 'same', kernelInitializer: initializer(), ...more });
  const input = tf.input({ shape: [8, 8, 3] });
  const stem = symbol(conv(3).apply(input));
  const normed = symbol(tf.layers.batchNormalization().apply(stem));
  const active = symbol(tf.layers.activation({ activation: 'relu' }).apply(normed));
  const gate = symbol(conv(1, { activation: 'sigmoid' }).apply(active));
  const sum = symbol(tf.layers.add().apply([stem, symbol(tf.layers.multiply().apply([active, gate]))]));
  const joined = symbol(tf.layers.concatenate().apply([sum, active]));
  const top = symbol(tf.layers.globalMaxPooling2d({}).apply(joined));
  const head = tf.layers.dense({ units: classes, activation: 'softmax', kernelInitializer: initializer() });
  return tf.model({ inputs: input, outputs: symbol(head.apply(top)) });
}

/** A seed per initializer, because layers of equal shape with the same seed would start with equal weights. */
function seeds() {
  let seed = 1;
  return { initializer: () => tf.initializers.heNormal({ seed: seed++ }) };
}
