import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { OnDemandThread } from '../../platform/sqlite/on-demand-thread.js';
import { CATALOGUE_FILE } from '../catalogue/catalogue-schema.js';
import { STATE, type StateCalls, type StatePlaces } from './state-calls.js';

const MAX_PENDING_CALLS = 1024;

type EmptyAnswers = {
  readonly [Name in keyof StateCalls]?: {
    readonly of: 'jobs' | 'evaluations' | 'catalogue';
    readonly answer: StateCalls[Name]['answer'];
  };
};

/** Answers of calls that read a database which does not exist yet. */
const EMPTY: EmptyAnswers = {
  newestJobs: { of: 'jobs', answer: { documents: [], unreadable: [] } },
  newestEvaluations: { of: 'evaluations', answer: { documents: [], unreadable: [] } },
  evaluationById: { of: 'evaluations', answer: null },
  bestEvaluationOf: { of: 'evaluations', answer: null },
  newestSummaryOf: { of: 'evaluations', answer: null },
  interruptEvaluations: { of: 'evaluations', answer: null },
  catalogueUploads: { of: 'catalogue', answer: [] },
  catalogueBytes: { of: 'catalogue', answer: 0 },
};

/**
 * Owns the connections to the lists of trainings and evaluations, and reads the catalogue. Their SQL never runs on
 * the main thread, where a lock or a slow disk would delay every prediction.
 */
export class StateThread {
  readonly #thread: OnDemandThread<{ readonly do: keyof StateCalls; readonly ask: unknown }>;
  readonly #files: Readonly<Record<'jobs' | 'evaluations' | 'catalogue', string>>;

  constructor(places: StatePlaces) {
    this.#files = {
      jobs: places.jobsPath,
      evaluations: places.evaluationsPath,
      catalogue: join(places.catalogueFolder, CATALOGUE_FILE),
    };
    this.#thread = new OnDemandThread({
      thread: 'state',
      database: STATE,
      workerData: places,
      maxPendingCalls: MAX_PENDING_CALLS,
    });
  }

  /**
   * Calls are answered in order. The thread is not started to read a database that does not exist.
   * @throws FoveaError `state_failed`, `overloaded`, and the errors of the call
   */
  readonly ask = async <Name extends keyof StateCalls>(
    name: Name,
    ask: StateCalls[Name]['ask'],
  ): Promise<StateCalls[Name]['answer']> => {
    const empty = EMPTY[name];
    if (empty !== undefined && !this.#thread.isRunning && !existsSync(this.#files[empty.of]))
      return empty.answer;
    return this.#thread.ask<StateCalls[Name]['answer']>({ do: name, ask });
  };

  /** Waits for pending calls. */
  close(): Promise<void> {
    return this.#thread.close();
  }
}
