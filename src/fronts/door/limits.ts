import { Redis } from 'ioredis';
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
} from 'rate-limiter-flexible';
import { FoveaError } from '../../platform/errors.js';
import type { Rate } from '../../platform/rate.js';

/** What is counted together for one client. */
export type LimitGroup = 'predict' | 'batch' | 'read' | 'evaluate' | 'upload';

export interface LimitsOptions {
  /** A group without rate is not limited. */
  readonly rates: Readonly<Partial<Record<LimitGroup, Rate>>>;
  /** Counts are shared through it with other servers; '' keeps them in this process. */
  readonly redisUrl: string;
  /** For the log: Redis cannot be reached, and each server counts alone. */
  readonly onRedisProblem: (error: unknown) => void;
}

/** How a client stands with a group after it took its points. */
export interface LimitState {
  readonly limit: number;
  readonly remaining: number;
  /** Until all points are there again. */
  readonly resetSeconds: number;
}

const KEY_PREFIX = 'fovea';
/** A Redis that takes longer counts as away. */
const REDIS_TIMEOUT_MS = 250;
/** Between two attempts to reach it. */
const REDIS_RETRY_MS = 1000;

function stateOf({ points }: Rate, { remainingPoints, msBeforeNext }: RateLimiterRes): LimitState {
  return {
    limit: points,
    remaining: remainingPoints,
    resetSeconds: Math.max(1, Math.ceil(msBeforeNext / 1000)),
  };
}

/** What each client may still ask for, by group. */
export class Limits {
  readonly #rates: LimitsOptions['rates'];
  readonly #limiters = new Map<LimitGroup, RateLimiterAbstract>();
  readonly #redis: Redis | undefined;

  constructor({ rates, redisUrl, onRedisProblem }: LimitsOptions) {
    this.#rates = rates;
    if (redisUrl !== '') this.#redis = this.#connect(redisUrl, onRedisProblem);
    for (const group of ['predict', 'batch', 'read', 'evaluate', 'upload'] as const) {
      const rate = rates[group];
      if (rate !== undefined) this.#limiters.set(group, this.#limiter(group, rate));
    }
  }

  /** Takes one point from a client for a request; decided before the next macrotask where the counts are in this process.
   * @returns undefined where the group is not limited
   * @throws FoveaError (as rejection) `rate_limited` */
  take(group: LimitGroup, client: string): Promise<LimitState | undefined> {
    return this.#consume(this.#countedAs(group), client, 1);
  }

  /** Takes more points for a request of several images, where images are counted and not requests.
   * @throws FoveaError (as rejection) `rate_limited` */
  async charge(group: LimitGroup, client: string, points: number): Promise<void> {
    if (this.#countedAs(group) === 'predict') await this.#consume('predict', client, points);
  }

  /** Batches have a count of their own only where they have a rate; else each image of theirs is a prediction. */
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
      throw new FoveaError('rate_limited', `More than ${limit} in ${rate.seconds} s: slow down.`, {
        details: { limit, window_seconds: rate.seconds, retry_after_seconds: resetSeconds, group },
        cause: error,
      });
    }
  }

  close(): void {
    this.#redis?.disconnect();
  }

  #connect(url: string, onProblem: LimitsOptions['onRedisProblem']): Redis {
    const redis = new Redis(url, {
      // A command that finds no connection fails at once, and the insurance limiter answers.
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: REDIS_TIMEOUT_MS,
      retryStrategy: () => REDIS_RETRY_MS,
    });
    let isReported = false;
    redis.on('ready', () => {
      isReported = false;
    });
    redis.on('error', (error) => {
      if (!isReported) onProblem(error);
      isReported = true;
    });
    return redis;
  }

  #limiter(group: LimitGroup, { points, seconds }: Rate): RateLimiterAbstract {
    const options = { keyPrefix: `${KEY_PREFIX}:${group}`, points, duration: seconds };
    const inMemory = new RateLimiterMemory(options);
    if (this.#redis === undefined) return inMemory;
    return new RateLimiterRedis({ ...options, storeClient: this.#redis, insuranceLimiter: inMemory });
  }
}
