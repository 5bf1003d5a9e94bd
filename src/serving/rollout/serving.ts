import { FoveaError } from '../../platform/errors.js';
import type { ServingView, Share } from './model-control.js';
import type { ServedModel } from './served-model.js';
import { WeightedTurns } from './weighted-turns.js';

/** The versions of one model that serve at the same time. */
export interface InService {
  readonly active: ServedModel;
  /** Empty when the active version gets all requests. The active version also gets the percents missing from 100. */
  readonly shares: readonly Share[];
  readonly shadows: readonly ServedModel[];
  /** When the traffic split was set; null without a split. */
  readonly since: string | null;
}

/** Chooses a version for each request of one model. A change of traffic creates a new `Serving`. */
export class Serving implements ServingView {
  readonly inService: InService;
  readonly shares: readonly Share[];
  readonly #turns: WeightedTurns<ServedModel> | undefined;

  constructor(inService: InService) {
    this.inService = inService;
    const { active } = inService;
    const others = inService.shares.filter(({ served }) => served !== active);
    const rest = 100 - others.reduce((sum, { percent }) => sum + percent, 0);
    this.shares = [{ served: active, percent: Math.max(0, rest) }, ...others];
    const weights = this.shares.map(({ served, percent }) => ({ value: served, weight: percent }));
    this.#turns = others.length > 0 ? new WeightedTurns(weights) : undefined;
  }

  get active(): ServedModel {
    return this.inService.active;
  }

  get shadows(): readonly ServedModel[] {
    return this.inService.shadows;
  }

  get since(): string | null {
    return this.inService.since;
  }

  /** The versions in the split except the active one. */
  get canaries(): readonly ServedModel[] {
    return this.shares.slice(1).map(({ served }) => served);
  }

  get all(): readonly ServedModel[] {
    return [...this.shares.map(({ served }) => served), ...this.shadows];
  }

  /** @param version undefined: the next version by weight
   * @throws FoveaError `not_found` */
  choose(version: number | undefined): ServedModel {
    if (version === undefined) return this.#turns?.next() ?? this.active;
    const chosen = this.all.find(({ classifier }) => classifier.version.version === version);
    if (chosen !== undefined) return chosen;
    const { model } = this.active.classifier.version;
    throw new FoveaError('not_found', 'This model version is not in service.', {
      details: {
        in_service: this.all.map(({ classifier }) => `${model}/${classifier.version.version}`),
      },
    });
  }
}
