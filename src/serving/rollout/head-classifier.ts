import { type FamiliarFeatures, unusualnessOf } from '../../models/repository/feature-distance.js';
import type { HeadWeights } from '../../models/repository/head-file.js';
import type { ModelOutput } from '../../models/repository/model-output.js';
import type { ModelVersion } from '../../models/repository/model-version.js';
import { FoveaError } from '../../platform/errors.js';
import type { BatchObserver } from '../batching/batch-observer.js';
import { UndecodedFile } from '../undecoded-file.js';
import type { Classification, Classifier, ClassifyRequest, EngineInfo } from './classifier.js';

export interface HeadClassifierOptions {
  readonly version: ModelVersion;
  readonly head: HeadWeights;
  /** Undefined for heads without `trunk.distance` in the manifest. */
  readonly familiar: FamiliarFeatures | undefined;
  /** Its `probabilities` are features; other heads use it, too. */
  readonly trunk: Classifier;
  /** Receives this head's rows. Batches belong to the trunk. */
  readonly observer: Partial<BatchObserver>;
  /** Called once, when no row is in flight any more. */
  readonly leave: () => Promise<void>;
}

/** Computed at most once, although the answer and the history may ask. */
function distanceOf(features: Float32Array, familiar: FamiliarFeatures): () => number {
  let distance: number | undefined;
  return () => {
    distance ??= unusualnessOf(features, familiar);
    return distance;
  };
}

/** Probabilities of an image: softmax of `features · kernel + bias`, or of a `multi` model its sigmoid. */
export function probabilitiesOf(
  features: Float32Array,
  { kernel, bias }: HeadWeights,
  { task }: Pick<ModelOutput, 'task'>,
): Float32Array {
  const classes = bias.length;
  const logits = Float64Array.from(bias);
  for (let feature = 0, at = 0; feature < features.length; feature++) {
    const value = features[feature] ?? 0;
    for (let index = 0; index < classes; index++, at++)
      logits[index] = (logits[index] ?? 0) + value * (kernel[at] ?? 0);
  }
  if (task === 'multi') return Float32Array.from(logits, (logit) => 1 / (1 + Math.exp(-logit)));
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return Float32Array.from(powers, (power) => power / sum);
}

/** A version whose network runs in batches with those of other versions; its head runs for each of its rows. */
export class HeadClassifier implements Classifier {
  readonly version: ModelVersion;
  readonly engine: EngineInfo;
  readonly #options: HeadClassifierOptions;
  #rowsInFlight = 0;
  #isDraining: boolean = false;
  #whenIdle: () => void = () => undefined;

  constructor(options: HeadClassifierOptions) {
    this.#options = options;
    this.version = options.version;
    this.engine = options.trunk.engine;
  }

  /** Rows of this head, those that run included. */
  get queuedRows(): number {
    return this.#rowsInFlight;
  }

  async classify(request: ClassifyRequest): Promise<Classification> {
    const { trunk, head, familiar, observer } = this.#options;
    if (this.#isDraining) throw new FoveaError('draining', 'This model is being taken out of service.');
    this.#rowsInFlight++;
    try {
      const result = await trunk.classify(request);
      observer.rowServed?.({ queueMs: result.queueMs, decodeMs: result.decodeMs });
      const { probabilities: features } = result;
      return {
        ...result,
        probabilities: probabilitiesOf(features, head, this.version.manifest.output),
        ...(familiar !== undefined && { distance: distanceOf(features, familiar) }),
      };
    } catch (error) {
      if (!(error instanceof UndecodedFile)) observer.rowUnserved?.(FoveaError.from(error).code);
      throw error;
    } finally {
      this.#rowsInFlight--;
      if (this.#rowsInFlight === 0) this.#whenIdle();
    }
  }

  async drain(): Promise<void> {
    this.#isDraining = true;
    if (this.#rowsInFlight > 0)
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    await this.#options.leave();
  }
}
