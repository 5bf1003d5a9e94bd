import tf = require('@tensorflow/tfjs-node-gpu');

import { NodeJSKernelBackend } from '@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js';
import '../../models/engines/tensorflow/removed-functions.js';
import { FoveaError } from '../../platform/errors.js';

/*
 * TensorFlow's fused kernels for training. tfjs composes the gradients of batch norm and ReLU from many small
 * operations, and draws dropout's random numbers in JavaScript. A step with these kernels takes about a third less
 * time (`bench/training.bench.ts`).
 */

function nodeBackend(): NodeJSKernelBackend {
  const backend = tf.backend();
  if (backend instanceof NodeJSKernelBackend) return backend;
  throw new FoveaError('engine_unavailable', 'Training needs the tensorflow engine, which is not installed.');
}

function attributes(backend: NodeJSKernelBackend) {
  const { TF_ATTR_TYPE, TF_ATTR_FLOAT, TF_ATTR_STRING, TF_ATTR_BOOL, TF_FLOAT, TF_INT32 } = backend.binding;
  return {
    float32: (name: string) => ({ name, type: TF_ATTR_TYPE, value: TF_FLOAT }),
    int32: (name: string) => ({ name, type: TF_ATTR_TYPE, value: TF_INT32 }),
    number: (name: string, value: number) => ({ name, type: TF_ATTR_FLOAT, value }),
    text: (name: string, value: string) => ({ name, type: TF_ATTR_STRING, value }),
    flag: (name: string, value: boolean) => ({ name, type: TF_ATTR_BOOL, value }),
  };
}

const constants = new Map<string, tf.Tensor>();

/**
 * Caches a constant tensor for ever. A new tensor is copied to the GPU only after all earlier work is done, which
 * stalls the GPU.
 */
function kept(name: string, make: () => tf.Tensor): tf.Tensor {
  const known = constants.get(name);
  if (known !== undefined) return known;
  const made = tf.keep(make());
  constants.set(name, made);
  return made;
}

function constant(value: number): tf.Tensor {
  return kept(String(value), () => tf.scalar(value));
}

/**
 * Copies a tensor made of JavaScript numbers to the device now. Otherwise the first kernel that reads it copies it,
 * after waiting for all earlier GPU work. Call it at the start of a step.
 * @returns a new tensor; `x` stays
 */
export function toDevice(x: tf.Tensor): tf.Tensor {
  const backend = nodeBackend();
  return backend.executeSingleOutput('Identity', [attributes(backend).float32('T')], [x]);
}

/** True when kernels run on a GPU. tfjs-node falls back to the CPU silently. */
export function isOnGpu(): boolean {
  return nodeBackend().isUsingGpuDevice;
}

/** A kernel's outputs, and the gradients of its inputs computed from saved tensors. */
interface Differentiable {
  readonly outputs: tf.Tensor[];
  /** Kept until the backward pass. */
  readonly saved: tf.Tensor[];
  /** One gradient per input. */
  readonly gradients: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor[];
}

/** Runs a kernel so that tfjs can differentiate through its first output. */
function differentiate(inputs: tf.Tensor[], run: () => Differentiable): tf.Tensor {
  return tf.customGrad((...inputsAndSave) => {
    const save = inputsAndSave.at(-1);
    const { outputs, saved, gradients } = run();
    const value = outputs[0];
    if (typeof save !== 'function' || value === undefined) {
      throw new FoveaError('internal', 'A training kernel returned no tensor. This is a bug.');
    }
    save(saved);
    return { value, gradFunc: gradients };
  })(...inputs);
}

export interface BatchNormOptions {
  readonly epsilon: number;
  /** Receives the batch's mean and unbiased variance, float32 `[channels]`; both are disposed when it returns. */
  readonly onMoments: (mean: tf.Tensor, variance: tf.Tensor) => void;
}

/**
 * Batch norm with the moments of the batch.
 * @param x float32 `[n, h, w, channels]`
 * @param gamma float32 `[channels]`
 * @param beta float32 `[channels]`
 * @returns the same shape as `x`
 * @source https://www.tensorflow.org/api_docs/cc/class/tensorflow/ops/fused-batch-norm-v3
 */
export function batchNormInTraining(
  x: tf.Tensor,
  gamma: tf.Tensor,
  beta: tf.Tensor,
  { epsilon, onMoments }: BatchNormOptions,
): tf.Tensor {
  const backend = nodeBackend();
  const attribute = attributes(backend);
  const none = kept('none', () => tf.tensor1d([]));
  const common = [
    attribute.float32('T'),
    attribute.float32('U'),
    attribute.number('epsilon', epsilon),
    attribute.text('data_format', 'NHWC'),
    attribute.flag('is_training', true),
  ];
  return differentiate([x, gamma, beta], () => {
    const forward = [...common, attribute.number('exponential_avg_factor', 1)];
    const outputs = backend.executeMultipleOutputs(
      'FusedBatchNormV3',
      forward,
      [x, gamma, beta, none, none],
      6,
    );
    const [, mean, variance] = outputs;
    if (mean !== undefined && variance !== undefined) onMoments(mean, variance);
    return {
      outputs,
      saved: [x, gamma, ...outputs.slice(3)],
      gradients: (dy, saved) =>
        backend.executeMultipleOutputs('FusedBatchNormGradV3', common, [dy, ...saved], 5).slice(0, 3),
    };
  });
}

/** max(x, 0) */
export function relu(x: tf.Tensor): tf.Tensor {
  const backend = nodeBackend();
  const type = [attributes(backend).float32('T')];
  return differentiate([x], () => {
    const y = tf.relu(x);
    return {
      outputs: [y],
      saved: [y],
      gradients: (dy, saved) => [backend.executeSingleOutput('ReluGrad', type, [dy, ...saved])],
    };
  });
}

/** Zeroes a random share `rate` of `x` and scales the rest up. The same `seed` yields the same mask. */
export function dropout(x: tf.Tensor, rate: number, seed: readonly [number, number]): tf.Tensor {
  if (rate === 0) return x;
  const backend = nodeBackend();
  const attribute = attributes(backend);
  const types = [attribute.float32('dtype'), attribute.int32('T'), attribute.int32('Tseed')];
  return differentiate([x], () => {
    const uniform = backend.executeSingleOutput('StatelessRandomUniform', types, [
      tf.tensor1d(x.shape, 'int32'),
      tf.tensor1d([...seed], 'int32'),
    ]);
    const isKept = tf.cast(tf.greaterEqual(uniform, constant(rate)), 'float32');
    const mask = tf.mul(isKept, constant(1 / (1 - rate)));
    return {
      outputs: [tf.mul(x, mask)],
      saved: [mask],
      gradients: (dy, saved) => saved.map((mask) => tf.mul(dy, mask)),
    };
  });
}

/**
 * Mean cross entropy of softmax over the batch, in nats.
 * @param logits float32 `[n, classes]`
 * @param targets float32 `[n, classes]`, each row sums to 1; not differentiated
 */
export function softmaxCrossEntropy(logits: tf.Tensor, targets: tf.Tensor): tf.Scalar {
  const backend = nodeBackend();
  const type = [attributes(backend).float32('T')];
  return differentiate([logits], () => {
    const [losses, gradient] = backend.executeMultipleOutputs(
      'SoftmaxCrossEntropyWithLogits',
      type,
      [logits, targets],
      2,
    );
    if (losses === undefined || gradient === undefined)
      throw new FoveaError('internal', 'The loss kernel returned no tensor. This is a bug.');
    const share = constant(1 / losses.size);
    return {
      outputs: [tf.mean(losses)],
      saved: [gradient],
      gradients: (dy, saved) => saved.map((saved) => tf.mul(saved, tf.mul(dy, share))),
    };
  }).asScalar();
}

/**
 * Number of rows whose largest logit is at their largest target.
 * @param logits float32 `[n, classes]`
 * @param targets float32 `[n, classes]`
 * @returns float32 scalar, because TensorFlow sums integers on the CPU
 */
export function countHits(logits: tf.Tensor, targets: tf.Tensor): tf.Tensor {
  const backend = nodeBackend();
  const isHit = backend.executeSingleOutput(
    'InTopKV2',
    [attributes(backend).int32('T')],
    [logits, tf.argMax(targets, 1), kept('one', () => tf.scalar(1, 'int32'))],
  );
  return tf.sum(tf.cast(isHit, 'float32'));
}

/**
 * Gradients of a loss with respect to the given tensors; call it inside `tf.tidy`.
 * @param loss is called once with these tensors
 */
export function lossAndGradients(
  loss: (...tensors: tf.Tensor[]) => tf.Scalar,
  tensors: tf.Tensor[],
): { loss: tf.Scalar; gradients: tf.Tensor[] } {
  const { value, grads } = tf.valueAndGrads(loss)(tensors, constant(1).asScalar());
  return { loss: value.asScalar(), gradients: grads };
}
