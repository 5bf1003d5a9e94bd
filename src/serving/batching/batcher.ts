import { areFinite } from '../../platform/are-finite.js';
import { FoveaError } from '../../platform/errors.js';
import type { BatchResult } from '../instances/batch-result.js';
import { type Slab, type SlabShape, UNDECODED } from '../instances/slab.js';
import { inputTypeOf } from '../model-input.js';
import type { Classification, ClassifyRequest } from '../rollout/classifier.js';
import type { BatchObserver } from './batch-observer.js';
import type { Clock } from './clock.js';
import { decide, type LeaveReason } from './policy.js';
import { Row } from './row.js';
import { SlabPool } from './slab-pool.js';
import { WaitingBatch } from './waiting-batch.js';
import { fitsRow } from './write-row.js';

export interface BatcherOptions {
  readonly shape: SlabShape;
  readonly instances: number;
  /** Batch size at which throughput per image stops improving. */
  readonly saturationRows: number;
  /** How long an incomplete batch waits for more rows while all instances are busy. */
  readonly maxQueueDelayMs: number;
  /** Rows that may wait; further rows are refused. */
  readonly maxQueueRows: number;
  /** Runs a batch. Owns the slab until it resolves. A slab whose batch failed is not reused, because a dead thread may
   * still write to it. */
  readonly dispatch: (slab: Slab, rows: number) => Promise<BatchResult>;
  readonly clock: Clock;
  readonly observer: Partial<BatchObserver>;
}

/**
 * Collects images into batches and settles each row with its result. Only this class touches waiting batches.
 *
 *     classify → [ waiting, oldest first … | filling ] → dispatch → rows settle
 */
export class Batcher {
  readonly #options: BatcherOptions;
  readonly #slabs: Readonly<Record<Slab['type'], SlabPool>>;
  /** Oldest first. All but the last of each input type are full. Bounded by `maxQueueRows`. */
  readonly #waiting: WaitingBatch[] = [];
  readonly #whenDrained: (() => void)[] = [];
  #queuedRows = 0;
  #batchesOut = 0;
  #isDraining: boolean = false;
  #isGathering: boolean = false;
  /** Lower bound of the deadlines of all waiting rows. */
  #nearestDeadlineMs = Number.POSITIVE_INFINITY;
  #timerAtMs = Number.POSITIVE_INFINITY;
  #cancelTimer: () => void = () => undefined;

  constructor(options: BatcherOptions) {
    this.#options = options;
    const { shape, instances } = options;
    this.#slabs = {
      uint8: new SlabPool(shape, 'uint8', instances * 4),
      float32: new SlabPool(shape, 'float32', instances * 4),
    };
  }

  /** Rows that wait for an instance, void ones included. */
  get queuedRows(): number {
    return this.#queuedRows;
  }

  /** @throws UndecodedFile; FoveaError `bad_request` for numbers that are not finite, `overloaded`, `draining`, `deadline_exceeded`, `cancelled`, and errors of `dispatch` */
  classify(request: ClassifyRequest): Promise<Classification> {
    const { clock, observer } = this.#options;
    const nowMs = clock.now();
    const row = new Row(request, nowMs, (error) => observer.rowUnserved?.(error.code));
    const refusal = this.#refusal(request);
    if (refusal !== null) row.fail(refusal);
    row.check(nowMs);
    if (row.isVoid) return row.promise;

    const batch = this.#openBatch(inputTypeOf(request.type));
    if (!batch.add(row, request)) {
      if (batch.rows.length === 0) this.#slabs[batch.slab.type].giveBack(batch.slab);
      row.fail(new FoveaError('bad_request', 'The tensor holds a number that is not finite.'));
      return row.promise;
    }
    if (batch.rows.length === 1) this.#waiting.push(batch);
    this.#queuedRows++;
    this.#nearestDeadlineMs = Math.min(this.#nearestDeadlineMs, row.deadlineMs);
    this.#gather();
    this.#leave();
    return row.promise;
  }

  /** Refuses new rows; settles when all accepted rows have settled. */
  drain(): Promise<void> {
    this.#isDraining = true;
    return new Promise((resolve) => {
      this.#whenDrained.push(resolve);
      this.#reportDrained();
    });
  }

  /** The last batch of a type, or a new one that is not in the queue yet. */
  #openBatch(type: Slab['type']): WaitingBatch {
    const last = this.#waiting.findLast(({ slab }) => slab.type === type);
    return last === undefined || last.isFull ? new WaitingBatch(this.#slabs[type].take()) : last;
  }

  /** Waits for the end of the event-loop turn, in which all requests that have arrived are read. */
  #gather(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    this.#options.clock.callAtTurnEnd(() => {
      this.#isGathering = false;
      this.#leave();
    });
  }

  #refusal(request: ClassifyRequest): FoveaError | null {
    const { maxQueueRows, shape } = this.#options;
    if (!fitsRow(shape, request)) {
      const message = `A row does not take ${request.bytes.length} bytes of ${request.type}. This is a bug.`;
      return new FoveaError('internal', message);
    }
    if (this.#isDraining) return new FoveaError('draining', 'This model is being taken out of service.');
    if (this.#queuedRows < maxQueueRows) return null;
    return new FoveaError('overloaded', 'Too many images wait for this model; try again soon.', {
      details: { max_queue_rows: maxQueueRows },
    });
  }

  /** Sends every batch that may leave, oldest first, and sets the timer for the next one. */
  #leave(): void {
    const { instances, saturationRows, maxQueueDelayMs, clock } = this.#options;
    let wakeAtMs = Number.POSITIVE_INFINITY;
    for (let batch = this.#waiting[0]; batch !== undefined; batch = this.#waiting[0]) {
      const nowMs = clock.now();
      const decision = decide({
        rows: batch.rows.length,
        saturationRows,
        capacity: batch.slab.shape.capacity,
        isGathering: this.#isGathering,
        oldestMs: batch.oldestMs,
        nowMs,
        maxDelayMs: maxQueueDelayMs,
        batchesOut: this.#batchesOut,
        instances,
      });
      if (!('leave' in decision)) {
        wakeAtMs = Math.min(decision.wakeAtMs ?? wakeAtMs, this.#nearestDeadlineMs);
        break;
      }
      this.#waiting.shift();
      this.#queuedRows -= batch.rows.length;
      this.#send(batch, decision.leave, nowMs);
    }
    if (this.#waiting.length === 0) this.#nearestDeadlineMs = Number.POSITIVE_INFINITY;
    this.#setTimer(wakeAtMs);
  }

  #send(batch: WaitingBatch, reason: LeaveReason, nowMs: number): void {
    const rows = batch.rowsToRun(nowMs);
    if (rows === 0) {
      this.#slabs[batch.slab.type].giveBack(batch.slab);
      return;
    }
    this.#batchesOut++;
    this.#options.observer.batchLeft?.({ rows, reason, oldestWaitMs: nowMs - batch.oldestMs });
    void this.#run(batch, rows, nowMs);
  }

  async #run(batch: WaitingBatch, rows: number, leftMs: number): Promise<void> {
    const outcome = await this.#dispatch(batch.slab, rows);
    this.#batchesOut--;
    // Send the next batch before settling rows, because the instance is idle.
    this.#leave();
    if (outcome instanceof FoveaError) {
      for (const row of batch.rows) row.fail(outcome);
    } else {
      this.#options.observer.batchRan?.(outcome);
      this.#serve(batch, outcome, leftMs);
      this.#slabs[batch.slab.type].giveBack(batch.slab);
    }
    this.#reportDrained();
  }

  /** Never rejects. */
  async #dispatch(slab: Slab, rows: number): Promise<BatchResult | FoveaError> {
    try {
      const result = await this.#options.dispatch(slab, rows);
      if (result.rows === rows) return result;
      return new FoveaError('batch_mismatch', `${rows} images went in, ${result.rows} answers came out.`);
    } catch (error) {
      return FoveaError.from(error);
    }
  }

  #serve({ rows, slab }: WaitingBatch, result: BatchResult, leftMs: number): void {
    const { files, shape } = slab;
    const { classes } = shape;
    for (const [place, row] of rows.entries()) {
      if (row.isVoid) continue;
      if (files[place] === UNDECODED) {
        row.passBack();
        continue;
      }
      const decodeMs = files[place] === 0 ? undefined : result.decodeMs;
      const queueMs = leftMs - row.arrivedMs;
      const probabilities = slab.probabilities.slice(place * classes, (place + 1) * classes);
      if (!areFinite(probabilities)) {
        row.fail(new FoveaError('engine_failed', 'The model computed a non-finite output for this image.'));
        continue;
      }
      this.#options.observer.rowServed?.({ queueMs, decodeMs });
      const { inferenceMs, rows: batchRows } = result;
      row.serve({ probabilities, queueMs, decodeMs, inferenceMs, batchRows });
    }
  }

  /** One timer for all batches and rows. It may fire too early, which is harmless, but not too late. */
  #setTimer(atMs: number): void {
    const isNeeded = atMs < Number.POSITIVE_INFINITY;
    if (isNeeded && atMs >= this.#timerAtMs) return;
    this.#cancelTimer();
    this.#timerAtMs = atMs;
    this.#cancelTimer = isNeeded ? this.#options.clock.callAt(atMs, () => this.#onTimer()) : () => undefined;
  }

  #onTimer(): void {
    this.#timerAtMs = Number.POSITIVE_INFINITY;
    const nowMs = this.#options.clock.now();
    if (nowMs >= this.#nearestDeadlineMs) {
      const rows = this.#waiting.flatMap((batch) => batch.rows);
      for (const row of rows) row.check(nowMs);
      const deadlines = rows.filter((row) => !row.isVoid).map((row) => row.deadlineMs);
      this.#nearestDeadlineMs = deadlines.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    }
    this.#leave();
  }

  #reportDrained(): void {
    if (!this.#isDraining || this.#queuedRows > 0 || this.#batchesOut > 0) return;
    for (const resolve of this.#whenDrained.splice(0)) resolve();
  }
}
