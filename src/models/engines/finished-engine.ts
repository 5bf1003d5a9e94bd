import type { OutputKind } from '../plan/output-kind.js';
import type { ModelOutput } from '../repository/model-output.js';
import type { Device, Engine, EngineInput, InputType, Precision } from './engine.js';

type Finish = (numbers: Float32Array) => void;

function softmax(numbers: Float32Array): void {
  const largest = numbers.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  for (let index = 0; index < numbers.length; index++)
    numbers[index] = Math.exp((numbers[index] ?? 0) - largest);
  normalize(numbers);
}

function normalize(numbers: Float32Array): void {
  const sum = numbers.reduce((a, b) => a + b, 0);
  for (let index = 0; index < numbers.length; index++) numbers[index] = (numbers[index] ?? 0) / sum;
}

function sigmoid(numbers: Float32Array): void {
  for (let index = 0; index < numbers.length; index++)
    numbers[index] = 1 / (1 + Math.exp(-(numbers[index] ?? 0)));
}

/** The function to apply to each row, and the kind of its result. */
function finishOf(kind: OutputKind, { activation }: ModelOutput): { finish: Finish; kind: OutputKind } {
  if (activation === 'softmax') return { finish: softmax, kind: 'probabilities' };
  if (activation === 'sigmoid') return { finish: sigmoid, kind: 'scores' };
  // Softmax without the dropped classes.
  if (kind === 'probabilities') return { finish: normalize, kind };
  return { finish: () => undefined, kind };
}

/** Applies `drop_first` and `activation` of the manifest to the outputs of an engine. */
export class FinishedEngine implements Engine {
  readonly outputKind: OutputKind;
  readonly #engine: Engine;
  readonly #finish: Finish;
  readonly #dropped: number;
  readonly #classes: number;
  /** float32 `[maxBatchSize, dropped + classes]` */
  readonly #raw: Float32Array;

  /** @param classes without the dropped ones */
  constructor(engine: Engine, output: ModelOutput, classes: number, maxBatchSize: number) {
    const { finish, kind } = finishOf(engine.outputKind, output);
    this.#engine = engine;
    this.#finish = finish;
    this.outputKind = kind;
    this.#dropped = output.drop_first;
    this.#classes = classes;
    this.#raw = new Float32Array(maxBatchSize * (classes + output.drop_first));
  }

  get name(): string {
    return this.#engine.name;
  }

  get device(): Device {
    return this.#engine.device;
  }

  get precision(): Precision {
    return this.#engine.precision;
  }

  get inputTypes(): readonly InputType[] {
    return this.#engine.inputTypes;
  }

  get saturationRows(): number {
    return this.#engine.saturationRows;
  }

  warmUp(): void {
    this.#engine.warmUp();
  }

  run(input: EngineInput, rows: number, outputs: Float32Array): void {
    this.#engine.run(input, rows, this.#raw);
    const classes = this.#classes;
    const stride = classes + this.#dropped;
    for (let row = 0; row < rows; row++) {
      const numbers = this.#raw.subarray(row * stride + this.#dropped, (row + 1) * stride);
      this.#finish(numbers);
      outputs.set(numbers, row * classes);
    }
  }

  dispose(): void {
    this.#engine.dispose();
  }
}

/** @returns `engine` itself where the manifest asks for neither */
export function finishedEngine(
  engine: Engine,
  output: ModelOutput,
  classes: number,
  maxBatchSize: number,
): Engine {
  const isFinished = output.activation === 'none' && output.drop_first === 0;
  return isFinished ? engine : new FinishedEngine(engine, output, classes, maxBatchSize);
}
