import { FoveaError } from '../../platform/errors.js';
import type { AskState, StateCalls } from './state-calls.js';

const RETRY_MS = 5000;

/** The part of the server that a call belongs to, as health names it. */
const PART_OF: Readonly<Record<keyof StateCalls, string>> = {
  saveJob: 'trainings',
  newestJobs: 'trainings',
  saveEvaluation: 'evaluations',
  newestEvaluations: 'evaluations',
  evaluationById: 'evaluations',
  bestEvaluationOf: 'evaluations',
  newestSummaryOf: 'evaluations',
  interruptEvaluations: 'evaluations',
  cataloguePage: 'catalogue',
  catalogueUploads: 'catalogue',
  catalogueBytes: 'catalogue',
  requireImages: 'catalogue',
};

/** The server repeats them by itself until they succeed. */
const REPEATED: readonly (keyof StateCalls)[] = ['saveJob', 'saveEvaluation'];

export interface WatchedCallsOptions {
  readonly ask: AskState;
  readonly onFailure: (part: string, error: FoveaError) => void;
  readonly onRecovery: (part: string) => void;
  readonly retryMs?: number;
}

/** Reports which parts' databases fail. A call that failed is repeated until it succeeds, so that recovery shows without a
 * client. */
export class WatchedCalls {
  readonly #options: WatchedCallsOptions;
  /** Repeats each call that failed last time. */
  readonly #failing = new Map<keyof StateCalls, () => Promise<unknown>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: WatchedCallsOptions) {
    this.#options = options;
  }

  /** As `StateThread.ask`. */
  readonly ask: AskState = async (name, ask) => {
    try {
      const answer = await this.#options.ask(name, ask);
      this.#succeed(name);
      return answer;
    } catch (error) {
      if (!(error instanceof FoveaError) || error.code === 'overloaded') throw error;
      const isOfDatabase = error.code !== 'dataset_invalid' && error.code !== 'not_found';
      if (isOfDatabase) this.#fail(name, error, () => this.ask(name, ask));
      else this.#succeed(name);
      throw error;
    }
  };

  close(): void {
    clearInterval(this.#timer);
  }

  #fail(name: keyof StateCalls, error: FoveaError, repeat: () => Promise<unknown>): void {
    this.#failing.set(name, repeat);
    this.#options.onFailure(PART_OF[name], error);
    this.#timer ??= setInterval(() => this.#repeat(), this.#options.retryMs ?? RETRY_MS).unref();
  }

  #succeed(name: keyof StateCalls): void {
    if (!this.#failing.delete(name)) return;
    const part = PART_OF[name];
    if ([...this.#failing.keys()].every((other) => PART_OF[other] !== part)) this.#options.onRecovery(part);
    if (this.#failing.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #repeat(): void {
    for (const [name, repeat] of this.#failing) {
      // Its failure is reported again.
      if (!REPEATED.includes(name)) repeat().catch(() => undefined);
    }
  }
}
