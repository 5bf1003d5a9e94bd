import { type ErrorCode, FoveaError } from '../../src/platform/errors.js';
import { Batcher } from '../../src/serving/batching/batcher.js';
import type { LeaveReason } from '../../src/serving/batching/policy.js';
import type { BatchResult } from '../../src/serving/instances/batch-result.js';
import type { Slab } from '../../src/serving/instances/slab.js';
import type { RowType } from '../../src/serving/model-input.js';
import type { Classification } from '../../src/serving/rollout/classifier.js';
import { ManualClock } from './manual-clock.js';

/** A dispatched batch; the test decides its result. */
interface Out {
  readonly slab: Slab;
  readonly rows: number;
  /** The first byte of each row. */
  readonly images: readonly number[];
  finish(result?: Partial<BatchResult>): Promise<void>;
  fail(error: Error): Promise<void>;
}

interface Settings {
  readonly capacity?: number;
  readonly saturationRows?: number;
  /**
   * True: all images arrive in one turn of the event loop, which `clock.endTurn` ends. Default: each in its own turn.
   */
  readonly isOneTurn?: boolean;
  readonly instances?: number;
  readonly maxQueueDelayMs?: number;
  readonly maxQueueRows?: number;
}

const CLASSES = 2;

/** An image that starts with this byte gets a NaN in its output. */
export const BROKEN_IMAGE = 255;

/** A batcher with a manual clock and manual instances. An image is two bytes; its output repeats them. */
export class BatcherRig {
  readonly clock = new ManualClock();
  readonly out: Out[] = [];
  readonly left: { rows: number; reason: LeaveReason }[] = [];
  readonly unserved: ErrorCode[] = [];
  readonly batcher: Batcher;
  readonly #isOneTurn: boolean;

  constructor(settings: Settings = {}) {
    const { capacity = 4, instances = 1, maxQueueDelayMs = 10, maxQueueRows = 100 } = settings;
    const { saturationRows = capacity, isOneTurn = false } = settings;
    this.#isOneTurn = isOneTurn;
    this.batcher = new Batcher({
      shape: { capacity, rowValues: 2, classes: CLASSES },
      instances,
      saturationRows,
      maxQueueDelayMs,
      maxQueueRows,
      dispatch: (slab, rows) => this.#dispatch(slab, rows),
      clock: this.clock,
      observer: {
        batchLeft: ({ rows, reason }) => this.left.push({ rows, reason }),
        rowUnserved: (code) => this.unserved.push(code),
      },
    });
  }

  /** Adds one image. */
  add(
    image: number,
    options: { deadlineMs?: number; isCancelled?: () => boolean } = {},
  ): Promise<Classification> {
    return this.addBytes(Uint8Array.of(image, 1), 'uint8', options);
  }

  addFloats(numbers: readonly [number, number]): Promise<Classification> {
    return this.addBytes(new Uint8Array(Float32Array.from(numbers).buffer), 'float32');
  }

  addBytes(
    bytes: Uint8Array,
    type: RowType,
    options: { deadlineMs?: number; isCancelled?: () => boolean } = {},
  ): Promise<Classification> {
    const { deadlineMs = 1_000_000, isCancelled = () => false } = options;
    const answer = this.batcher.classify({ bytes, type, deadlineMs, isCancelled });
    // A test may look at a failure later, so that it must not count as unhandled.
    answer.catch(() => undefined);
    if (!this.#isOneTurn) this.clock.endTurn();
    return answer;
  }

  /** The dispatched batch number `index`. */
  batch(index: number): Out {
    const batch = this.out[index];
    if (batch === undefined) throw new Error(`Batch ${index} has not left.`);
    return batch;
  }

  #dispatch(slab: Slab, rows: number): Promise<BatchResult> {
    return new Promise((resolve, reject) => {
      const images = Array.from({ length: rows }, (_, row) => slab.input[row * 2] ?? Number.NaN);
      const finish = (result: Partial<BatchResult> = {}) => {
        for (let index = 0; index < rows * CLASSES; index++)
          slab.probabilities[index] = answerTo(slab.input[index]);
        resolve({ rows, decodeMs: 0, inferenceMs: 5, ...result });
        return settled();
      };
      const fail = (error: Error) => {
        reject(error);
        return settled();
      };
      this.out.push({ slab, rows, images, finish, fail });
    });
  }
}

/** Lets all promises settle that can. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export async function codeOf(answer: Promise<unknown>): Promise<ErrorCode | 'served'> {
  try {
    await answer;
    return 'served';
  } catch (error) {
    if (error instanceof FoveaError) return error.code;
    throw error;
  }
}

function answerTo(pixel: number | undefined): number {
  return pixel === undefined || pixel === BROKEN_IMAGE ? Number.NaN : pixel;
}
