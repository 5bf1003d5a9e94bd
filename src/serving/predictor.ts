import { FoveaError } from '../platform/errors.js';
import type { Call } from './call.js';
import type { ImageDecoder } from './decoding/image.js';
import { type ModelInput, owned } from './model-input.js';
import { predictRecorded } from './predict-recorded.js';
import type { Outcome, Prediction } from './prediction.js';
import type { PredictionRecorder } from './prediction-recorder.js';
import type { Ask, Predictions } from './predictions.js';
import type { ServedModel } from './rollout/served-model.js';
import type { ServiceState } from './service-state.js';
import type { ShadowPredictions } from './shadow-predictions.js';

export interface PredictorOptions {
  readonly state: Pick<ServiceState, 'prepareModel' | 'requireModel'>;
  readonly decoder: ImageDecoder;
  readonly recorder: Pick<PredictionRecorder, 'record' | 'measure'>;
  readonly shadows: Pick<ShadowPredictions, 'follow' | 'follows'>;
}

/** Chooses a version, decodes, classifies, records, and passes the image to shadows. */
export class Predictor implements Predictions {
  readonly #options: PredictorOptions;

  constructor(options: PredictorOptions) {
    this.#options = options;
  }

  async predict(input: ModelInput, ask: Ask, call: Call): Promise<Prediction> {
    const { state } = this.#options;
    const loading = state.prepareModel(ask.model);
    if (loading !== undefined) await loading;
    const outcome = await this.#predictOne(state.requireModel(ask), input, ask, call);
    if (outcome instanceof FoveaError) throw outcome;
    return outcome;
  }

  async predictMany(inputs: readonly ModelInput[], ask: Ask, call: Call): Promise<readonly Outcome[]> {
    const { state, decoder } = this.#options;
    await state.prepareModel(ask.model);
    const primary = state.requireModel(ask);
    const encoded = inputs.filter(({ kind }) => kind === 'encoded').length;
    const requireRoom = (): void => {
      if (!decoder.hasRoomFor(encoded))
        throw new FoveaError('overloaded', 'Too many images wait to be decoded.');
    };
    requireRoom();
    await call.charge(inputs.length - 1);
    // Other calls may have taken the room meanwhile. The images below enter the queue before the next `await`, but for small files that
    // an instance passes back.
    requireRoom();
    return Promise.all(inputs.map((input) => this.#predictOne(primary, input, ask, call)));
  }

  async #predictOne(primary: ServedModel, sent: ModelInput, ask: Ask, call: Call): Promise<Outcome> {
    const { decoder, recorder, shadows } = this.#options;
    const input = shadows.follows(primary) ? owned(sent) : sent;
    const { classifier } = primary;
    const { source, topK } = ask;
    const outcome = await predictRecorded(input, { classifier, decoder, recorder, call, source, topK });
    shadows.follow({ primary, call, input, outcome });
    return outcome;
  }
}
