import type { Redis } from 'ioredis';
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
} from 'rate-limiter-flexible';
import { FoveaError } from '../../platform/errors.js';
import type { Rate } from '../../platform/rate.js';

/** Requests of one group share a limit. */
export type LimitGroup = 'predict' | 'batch' | 'read' | 'evaluate' | 'upload';

export interface LimitsOptions {
  /** A group without a rate has no limit. */
  readonly rates: Readonly<Partial<Record<LimitGroup, Rate>>>;
  /** Shares the counts between servers; while it is unreachable each server counts by itself. Undefined keeps the counts
   * in this process. */
  readonly redis?: Redis | undefined;
}

/** A client's limit in a group after the current request. */
export interface LimitState {
  readonly limit: number;
  readonly remaining: number;
  /** Until the window ends and the full limit is available. */
  readonly resetSeconds: number;
}

const KEY_PREFIX = 'fovea';

function stateOf({ points }: Rate, { remainingPoints, msBeforeNext }: RateLimiterRes): LimitState {
  return {
    limit: points,
    remaining: remainingPoints,
    resetSeconds: Math.max(1, Math.ceil(msBeforeNext / 1000)),
  };
}

/** Rate limits per client and group. */
export class Limits {
  readonly #rates: LimitsOptions['rates'];
  readonly #limiters = new Map<LimitGroup, RateLimiterAbstract>();
  readonly #redis: Redis | undefined;

  constructor({ rates, redis }: LimitsOptions) {
    this.#rates = rates;
    this.#redis = redis;
    for (const group of ['predict', 'batch', 'read', 'evaluate', 'upload'] as const) {
      const rate = rates[group];
      if (rate !== undefined) this.#limiters.set(group, this.#limiter(group, rate));
    }
  }

  /** Whether the counts are in this process, so that `take` and `charge` settle before the next macrotask. */
  get isLocal(): boolean {
    return this.#redis === undefined;
  }

  /** Counts one request of a client. Without Redis the promise settles before the next macrotask.
   * @returns undefined when the group has no limit
   * @throws FoveaError (as rejection) `rate_limited` */
  take(group: LimitGroup, client: string): Promise<LimitState | undefined> {
    return this.#consume(this.#countedAs(group), client, 1);
  }

  /** Counts further images of a batch request, where images are counted and not requests.
   * @throws FoveaError (as rejection) `rate_limited` */
  async charge(group: LimitGroup, client: string, points: number): Promise<void> {
    if (this.#countedAs(group) === 'predict') await this.#consume('predict', client, points);
  }

  /** Without a rate of their own, batch requests count as predictions, one per image. */
  #countedAs(group: LimitGroup): LimitGroup {
    return group === 'batch' && this.#rates.batch === undefined ? 'predict' : group;
  }

  async #consume(group: LimitGroup, client: string, points: number): Promise<LimitState | undefined> {
    const rate = this.#rates[group];
    const limiter = this.#limiters.get(group);
    if (rate === undefined || limiter === undefined) return undefined;
    try {
      return stateOf(rate, await limiter.consume(client, points));
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      const { limit, resetSeconds } = stateOf(rate, error);
      const setting = `FOVEA_RATE_LIMIT_${group.toUpperCase()}`;
      const message = `More than ${limit} requests in ${rate.seconds} s: the limit of ${setting}.`;
      throw new FoveaError('rate_limited', message, {
        details: { limit, window_seconds: rate.seconds, retry_after_seconds: resetSeconds, group, setting },
        cause: error,
      });
    }
  }

  close(): void {
    this.#redis?.disconnect();
  }

  #limiter(group: LimitGroup, { points, seconds }: Rate): RateLimiterAbstract {
    const options = { keyPrefix: `${KEY_PREFIX}:${group}`, points, duration: seconds };
    const inMemory = new RateLimiterMemory(options);
    if (this.#redis === undefined) return inMemory;
    return new RateLimiterRedis({ ...options, storeClient: this.#redis, insuranceLimiter: inMemory });
  }
}
