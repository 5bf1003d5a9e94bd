import { type ErrorCode, FoveaError } from '../platform/errors.js';
import type { Call } from './call.js';
import type { ImageDecoder } from './decoding/image.js';
import type { ModelInput } from './model-input.js';
import { predictRecorded } from './predict-recorded.js';
import type { Outcome } from './prediction.js';
import type { PredictionNote, PredictionRecorder } from './prediction-recorder.js';
import type { ModelChooser, ServedModel } from './rollout/served-model.js';

export interface ShadowOptions {
  readonly models: Pick<ModelChooser, 'shadowsOf'>;
  readonly decoder: ImageDecoder;
  readonly recorder: Pick<PredictionRecorder, 'record'>;
  /** True while the history's queue is half full: then shadows are skipped, because answers have priority. */
  readonly isHistoryBusy: () => boolean;
  /** Called for each image that a shadow skipped. */
  readonly onDropped: () => void;
}

/** An answered image and the version that answered. */
export interface Answered {
  readonly primary: ServedModel;
  readonly call: Call;
  readonly input: ModelInput;
  readonly outcome: Outcome;
}

/** Shadow predictions in flight, of all requests. */
const MAX_IN_FLIGHT = 16;
const DEADLINE_MS = 5_000;
/** Errors of a busy server, not of the version: such an image counts as dropped. */
const BUSY: readonly ErrorCode[] = ['overloaded', 'deadline_exceeded', 'draining', 'cancelled'];

/** Predicts answered images on shadow versions too. The results are recorded; clients never see them. */
export class ShadowPredictions {
  readonly #options: ShadowOptions;
  #inFlight = 0;

  constructor(options: ShadowOptions) {
    this.#options = options;
  }

  /** Whether images that `primary` answers are needed after the answer. */
  follows(primary: ServedModel): boolean {
    return this.#options.models.shadowsOf(primary).length > 0;
  }

  /** Never throws, never waits. */
  follow(answered: Answered): void {
    const shadows = this.#options.models.shadowsOf(answered.primary);
    const { outcome, call } = answered;
    if (shadows.length === 0 || outcome instanceof FoveaError) return;
    const primaryId = outcome.id;
    call.afterAnswer(() => {
      for (const shadow of shadows) this.#start(shadow, answered, primaryId);
    });
  }

  #start(shadow: ServedModel, answered: Answered, shadowOf: string): void {
    const { isHistoryBusy, onDropped } = this.#options;
    const isBusy = this.#inFlight >= MAX_IN_FLIGHT || answered.primary.classifier.queuedRows > 0;
    if (isBusy || isHistoryBusy()) {
      onDropped();
      return;
    }
    this.#inFlight += 1;
    void this.#run(shadow, answered, shadowOf).finally(() => {
      this.#inFlight -= 1;
    });
  }

  async #run({ classifier }: ServedModel, answered: Answered, shadowOf: string): Promise<void> {
    const { decoder } = this.#options;
    const { id, client } = answered.call;
    const call: Call = {
      id,
      client,
      deadlineMs: performance.now() + DEADLINE_MS,
      isCancelled: () => false,
      charge: () => Promise.resolve(),
      afterAnswer: (run) => run(),
    };
    const recorder = {
      record: (note: PredictionNote) => this.#record({ ...note, shadowOf }),
      measure: () => null,
    };
    await predictRecorded(answered.input, { classifier, decoder, recorder, call, source: 'shadow' });
  }

  #record(note: PredictionNote): Promise<void> | undefined {
    if (note.outcome instanceof FoveaError && BUSY.includes(note.outcome.code)) {
      this.#options.onDropped();
      return undefined;
    }
    return this.#options.recorder.record(note);
  }
}
