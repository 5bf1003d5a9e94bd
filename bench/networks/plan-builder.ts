import {
  type Activation,
  type ActivationKind,
  INPUT_VALUE,
  NO_PADDING,
  type Padding,
  type Pair,
  type Plan,
  type Shape,
  type Step,
  type ValueId,
  type Weights,
} from '../../src/models/plan/plan.js';

/** A value of the plan under construction. */
export interface Value {
  readonly id: ValueId;
  readonly shape: Shape;
}

interface Window {
  /** Height and width. */
  readonly size: number;
  readonly stride?: number;
  /** Rows and columns of zeros on each side, or as many as `ceil(length / stride)` outputs need. */
  readonly padding?: number | 'same';
}

interface Convolution extends Window {
  readonly filters: number;
  readonly activation?: ActivationKind;
  /** Factor on the random weights: below 1 for the last convolution of a residual branch, so that sums stay small. */
  readonly gain?: number;
}

/**
 * Builds plans of well-known networks with random weights, because speed does not depend on weights. Batch norms are
 * folded already. Equal seeds yield equal weights.
 */
export class PlanBuilder {
  readonly input: Value;
  readonly #steps: Step[] = [];
  #state: number;

  constructor(inputShape: Shape, seed = 1) {
    this.input = { id: INPUT_VALUE, shape: inputShape };
    this.#state = seed;
  }

  conv2d(x: Value, settings: Convolution): Value {
    const [height = 0, width = 0, channels = 0] = x.shape;
    const { size, filters, stride = 1, gain = 1 } = settings;
    const padding = paddingOf(height, width, settings);
    const filter = this.#weights([size, size, channels, filters], size * size * channels, gain);
    return this.#push(x, {
      op: 'conv2d',
      shape: [
        outputs(height, padding.top + padding.bottom, size, stride),
        outputs(width, padding.left + padding.right, size, stride),
        filters,
      ],
      filter,
      bias: this.#numbers(filters, 0.02),
      strides: [stride, stride],
      dilations: [1, 1],
      padding,
      activation: activation(settings.activation),
    });
  }

  depthwiseConv2d(x: Value, settings: Omit<Convolution, 'filters'>): Value {
    const [height = 0, width = 0, channels = 0] = x.shape;
    const { size, stride = 1 } = settings;
    const padding = paddingOf(height, width, settings);
    return this.#push(x, {
      op: 'depthwiseConv2d',
      shape: [
        outputs(height, padding.top + padding.bottom, size, stride),
        outputs(width, padding.left + padding.right, size, stride),
        channels,
      ],
      filter: this.#weights([size, size, channels, 1], size * size, settings.gain ?? 1),
      bias: this.#numbers(channels, 0.02),
      strides: [stride, stride],
      dilations: [1, 1],
      padding,
      activation: activation(settings.activation),
    });
  }

  maxPool(x: Value, settings: Window): Value {
    const [height = 0, width = 0, channels = 0] = x.shape;
    const { size, stride = size } = settings;
    const padding = paddingOf(height, width, settings);
    return this.#push(x, {
      op: 'maxPool',
      shape: [
        outputs(height, padding.top + padding.bottom, size, stride),
        outputs(width, padding.left + padding.right, size, stride),
        channels,
      ],
      window: [size, size],
      strides: [stride, stride],
      padding,
    });
  }

  globalAveragePool(x: Value): Value {
    return this.#push(x, { op: 'globalAveragePool', shape: x.shape.slice(-1) });
  }

  flatten(x: Value): Value {
    return this.#push(x, {
      op: 'reshape',
      shape: [x.shape.reduce((product, length) => product * length, 1)],
    });
  }

  dense(x: Value, units: number, kind: ActivationKind = 'linear'): Value {
    const [inputs = 0] = x.shape;
    return this.#push(x, {
      op: 'dense',
      shape: [units],
      kernel: this.#weights([inputs, units], inputs, 1),
      bias: this.#numbers(units, 0.02),
      activation: activation(kind),
    });
  }

  add(left: Value, right: Value): Value {
    return this.#push(left, { op: 'add', shape: left.shape }, right);
  }

  activate(x: Value, kind: ActivationKind): Value {
    return this.#push(x, { op: 'activation', shape: x.shape, activation: activation(kind) });
  }

  /** @param output of shape `[classes]` */
  build(output: Value): Plan {
    const [classes = 0] = output.shape;
    return { inputShape: this.input.shape, steps: this.#steps, output: output.id, classes };
  }

  #push(x: Value, details: DistributiveOmit<Step, 'layer' | 'inputs' | 'output'>, ...others: Value[]): Value {
    const output = this.#steps.length + 1;
    const inputs = [x, ...others].map((value) => value.id);
    this.#steps.push({ ...details, layer: `${details.op}_${output}`, inputs, output });
    return { id: output, shape: details.shape };
  }

  /**
   * Random weights whose variance keeps the range of values through a layer with ReLU.
   * @source He et al., Delving Deep into Rectifiers, 2015
   */
  #weights(shape: Shape, fanIn: number, gain: number): Weights {
    const length = shape.reduce((product, size) => product * size, 1);
    return { shape, values: this.#numbers(length, gain * Math.sqrt(2 / fanIn)) };
  }

  /**
   * Uniform random numbers of the given standard deviation.
   * @source Marsaglia, Xorshift RNGs, 2003
   */
  #numbers(length: number, deviation: number): Float32Array {
    const values = new Float32Array(length);
    let state = this.#state;
    const factor = (deviation * Math.sqrt(3)) / 2 ** 31;
    for (let index = 0; index < length; index++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      values[index] = state * factor;
    }
    this.#state = state;
    return values;
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function activation(kind: ActivationKind = 'linear'): Activation {
  return { kind, alpha: 0 };
}

function outputs(length: number, padding: number, size: number, stride: number): number {
  return Math.floor((length + padding - size) / stride) + 1;
}

function paddingOf(height: number, width: number, { size, stride = 1, padding = 0 }: Window): Padding {
  if (padding === 0) return NO_PADDING;
  if (padding !== 'same') return { top: padding, bottom: padding, left: padding, right: padding };
  const [top, bottom] = same(height, size, stride);
  const [left, right] = same(width, size, stride);
  return { top, bottom, left, right };
}

function same(length: number, size: number, stride: number): Pair {
  const all = Math.max(0, (Math.ceil(length / stride) - 1) * stride + size - length);
  return [Math.floor(all / 2), Math.ceil(all / 2)];
}
