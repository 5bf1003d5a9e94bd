import { join } from 'node:path';

import tf = require('@tensorflow/tfjs');

import { test } from 'tap';
import { planProgram } from '../../../../../src/models/engines/tfjs/tfjs-program.js';
import { compileModel } from '../../../../../src/models/formats/tfjs-layers/compile.js';
import { foldPlan, foldPlanInPlace } from '../../../../../src/models/plan/fold.js';
import { inferencePlan } from '../../../../../src/models/plan/inference.js';
import { LINEAR, type Plan, type TrainingPlan } from '../../../../../src/models/plan/plan.js';
import { cifar10Cnn, mobileNet, residualNet, upSamplingNet } from '../../../../support/architectures.js';
import { largestDifference } from '../../../../support/difference.js';
import { realPixels } from '../../../../support/images.js';
import { layersModelIn } from '../../../../support/layers-model.js';
import { writeModelVersion } from '../../../../support/model-version.js';

function runPlan(plan: Plan, images: tf.Tensor): Float32Array {
  const program = planProgram(tf, plan);
  const output = program.run(images);
  program.dispose();
  const values = output.dataSync<'float32'>();
  output.dispose();
  return values;
}

function runModel(model: tf.LayersModel, images: tf.Tensor): Float32Array {
  const output = model.predict(images);
  if (Array.isArray(output)) throw new Error('The model has one output.');
  const values = output.dataSync<'float32'>();
  output.dispose();
  return values;
}

async function compile(directory: string): Promise<TrainingPlan> {
  const compiled = compileModel(await layersModelIn(directory));
  if ('plan' in compiled) return compiled.plan;
  throw new Error(`${compiled.unsupported.layer} ${compiled.unsupported.reason}`);
}

for (const [name, build] of Object.entries({ cifar10Cnn, mobileNet, residualNet })) {
  test(`the folded plan of ${name} gives what the LayersModel gives, on real images`, async (t) => {
    const model = build();
    const version = await writeModelVersion(t.testdir(), model);
    const plan = await compile(version.directory);
    const folded = foldPlan(plan);
    t.ok(folded.steps.length < plan.steps.length, 'folding makes it shorter');

    const { pixels, images } = await realPixels();
    const input = tf.tensor(
      Float32Array.from(pixels, (pixel) => pixel / 127.5 - 1),
      [images, 32, 32, 3],
    );
    const tensorsBefore = tf.memory().numTensors;
    const expected = runModel(model, input);
    t.ok(largestDifference(expected, runPlan(inferencePlan(plan), input)) < 1e-5, 'unfolded');
    t.ok(largestDifference(expected, runPlan(folded, input)) < 1e-5, 'folded');
    const inPlace = foldPlanInPlace(await compile(version.directory));
    t.ok(largestDifference(expected, runPlan(inPlace, input)) < 1e-5, 'folded in the memory of the weights');
    t.ok(new Set(expected).size > images, 'the images differ in their probabilities');
    t.equal(tf.memory().numTensors, tensorsBefore, 'no tensor is left behind');
  });
}

for (const [activation, isFolded] of [
  ['relu', true],
  ['linear', false],
] as const)
  test(`zeros between ${activation} and a max pool ${isFolded ? 'are' : 'are not'} the padding of the pool`, async (t) => {
    const model = tf.sequential({
      layers: [
        tf.layers.conv2d({ filters: 8, kernelSize: 3, activation, inputShape: [32, 32, 3] }),
        tf.layers.zeroPadding2d({ padding: 1 }),
        tf.layers.maxPooling2d({ poolSize: 3, strides: 2 }),
        tf.layers.globalAveragePooling2d({}),
        tf.layers.dense({ units: 10, activation: 'softmax' }),
      ],
    });
    const version = await writeModelVersion(t.testdir(), model);
    const folded = foldPlan(await compile(version.directory));
    t.equal(
      folded.steps.some(({ op }) => op === 'zeroPadding'),
      !isFolded,
    );
    const input = tf.randomUniform([1, 32, 32, 3], -1, 1, 'float32', 1);
    t.ok(largestDifference(runModel(model, input), runPlan(folded, input)) < 1e-5);
  });

test('weights of two steps are not scaled in place', (t) => {
  const values = Float32Array.of(2);
  const kernel = { shape: [1, 1], values };
  const common = { layer: 'shared', shape: [1] };
  const dense = { op: 'dense', kernel, bias: new Float32Array(1), activation: LINEAR, ...common } as const;
  const norm = {
    op: 'scaleShift',
    scale: Float32Array.of(3),
    shift: new Float32Array(1),
    ...common,
  } as const;
  const steps = [dense, norm, dense, norm].map((step, index) => ({
    ...step,
    inputs: [index],
    output: index + 1,
  }));
  const folded = foldPlanInPlace({ inputShape: [1, 1, 1], steps, output: 4, classes: 1 });
  const kernels = folded.steps.map((step) => (step.op === 'dense' ? [...step.kernel.values] : []));
  t.strictSame([kernels, [...values]], [[[6], [6]], [2]]);
  t.end();
});

test('batch norm, activation and zero padding disappear into convolutions and dense layers', async (t) => {
  const stepsOf = async (model: tf.LayersModel, folder: string) => {
    const version = await writeModelVersion(join(t.testdirName, folder), model);
    return foldPlan(await compile(version.directory)).steps.map((step) => step.op);
  };
  t.testdir();
  const block = ['conv2d', 'conv2d', 'maxPool'];
  const top = ['reshape', 'dense', 'dense', 'dense'];
  t.same(await stepsOf(cifar10Cnn(), 'cnn'), [...block, ...block, ...block, ...top]);
  t.same(await stepsOf(mobileNet(), 'mobile'), [
    ...['conv2d', 'depthwiseConv2d', 'depthwiseConv2d', 'conv2d', 'conv2d'],
    ...['averagePool', 'globalAveragePool', 'dense'],
  ]);
});

test('a model with a layer that no plan knows says which one', async (t) => {
  const version = await writeModelVersion(t.testdir(), upSamplingNet());
  const compiled = compileModel(await layersModelIn(version.directory));
  t.match(compiled, { unsupported: { layer: /^up_sampling2d/, reason: /UpSampling2D/ } });
});
