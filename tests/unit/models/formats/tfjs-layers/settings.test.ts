import tf = require('@tensorflow/tfjs');

import { type Test, test } from 'tap';
import { z } from 'zod';
import type { Compiled } from '../../../../../src/models/formats/format.js';
import { compileModel } from '../../../../../src/models/formats/tfjs-layers/compile.js';
import { layersModelIn } from '../../../../support/layers-model.js';
import { writeModelVersion } from '../../../../support/model-version.js';

interface Change {
  readonly layer: tf.layers.Layer;
  /** Replaces settings of the layer; undefined takes one away. */
  readonly settings?: object;
  readonly kerasVersion?: string;
}

/** Compiles a model whose one layer between input and head was written by somebody else. */
async function compileChanged(t: Test, { layer, settings = {}, kerasVersion }: Change): Promise<Compiled> {
  const layers = [
    tf.layers.inputLayer({ inputShape: [32, 32, 3] }),
    layer,
    tf.layers.flatten(),
    tf.layers.dense({ units: 10, activation: 'softmax' }),
  ];
  const { directory } = await writeModelVersion(t.testdir(), tf.sequential({ layers }));
  const model = await layersModelIn(directory);
  const json = JSON.stringify(model.topology, (_key, value: unknown) => {
    const isIts = typeof value === 'object' && value !== null && 'name' in value && value.name === layer.name;
    return isIts ? { ...value, ...settings } : value;
  });
  const topology: Record<string, unknown> = JSON.parse(json);
  return compileModel({
    ...model,
    topology: { ...topology, ...(kerasVersion && { keras_version: kerasVersion }) },
  });
}

function activationIn(compiled: Compiled): unknown {
  if ('unsupported' in compiled) return compiled.unsupported.reason;
  const step = compiled.plan.steps.find(({ op }) => op === 'activation');
  return step !== undefined && 'activation' in step ? step.activation : undefined;
}

test('the slope of a LeakyReLU is read under the names of Keras 2 and 3', async (t) => {
  const layer = () => tf.layers.leakyReLU({ alpha: 0.2 });
  t.same(activationIn(await compileChanged(t, { layer: layer() })), { kind: 'leakyRelu', alpha: 0.2 });
  const keras3 = { alpha: undefined, negative_slope: 0.1 };
  t.same(activationIn(await compileChanged(t, { layer: layer(), settings: keras3 })), {
    kind: 'leakyRelu',
    alpha: 0.1,
  });
});

test('a ReLU with a slope is a leaky one; with a limit as well it is left out of plans, and tfjs would ignore the slope', async (t) => {
  const layer = () => tf.layers.reLU({ maxValue: 6 });
  const leaky = { max_value: null, negative_slope: 0.1, threshold: 0 };
  t.same(activationIn(await compileChanged(t, { layer: layer(), settings: leaky })), {
    kind: 'leakyRelu',
    alpha: 0.1,
  });
  for (const settings of [{ negative_slope: 0.1 }, { threshold: 1 }])
    await t.rejects(compileChanged(t, { layer: layer(), settings }), {
      code: 'model_invalid',
      message: /tfjs ignores/,
    });
});

test('a setting of unknown meaning is refused, whatever the layer', async (t) => {
  const layers = [
    tf.layers.conv2d({ filters: 2, kernelSize: 3 }),
    tf.layers.maxPooling2d({}),
    tf.layers.batchNormalization(),
    tf.layers.dropout({ rate: 0.5 }),
    tf.layers.leakyReLU(),
  ];
  for (const layer of layers) {
    await t.rejects(
      compileChanged(t, { layer, settings: { twist: 0.5 } }),
      { code: 'model_invalid', message: new RegExp(`${layer.name}.*twist`) },
      layer.name,
    );
    t.match(await compileChanged(t, { layer, settings: { twist: null } }), { plan: {} }, 'null sets nothing');
  }
});

test('what Keras 2 and 3 write beside the settings changes nothing', async (t) => {
  const settings = {
    ...{
      groups: 1,
      dtype: 'float32',
      trainable: false,
      kernel_regularizer: { class_name: 'L2', config: {} },
    },
    ...{ bias_initializer: { class_name: 'Zeros', config: {} }, kernel_constraint: null },
  };
  const layer = tf.layers.conv2d({ filters: 2, kernelSize: 3 });
  t.match(await compileChanged(t, { layer, settings }), { plan: {} });
});

test('hard_sigmoid has the slope of the Keras that wrote the model', async (t) => {
  const layer = () => tf.layers.activation({ activation: 'hardSigmoid' });
  const settings = { activation: 'hard_sigmoid' };
  const slopes = { '2.15.0': 0, 'tfjs-layers 4.22.0': 0, '3.4.1': 1 / 6 };
  for (const [kerasVersion, alpha] of Object.entries(slopes)) {
    const { plan } = z
      .object({ plan: z.looseObject({ steps: z.array(z.unknown()) }) })
      .parse(await compileChanged(t, { layer: layer(), settings, kerasVersion }));
    t.ok(JSON.stringify(plan.steps).includes(`{"kind":"hardSigmoid","alpha":${alpha}}`), kerasVersion);
  }
});
