import { OnDemandThread } from '../../platform/sqlite/on-demand-thread.js';
import { STATE, type StateCalls, type StatePlaces } from './state-calls.js';

const MAX_PENDING_CALLS = 1024;

/**
 * Owns the connections to the lists of trainings and evaluations, and reads the catalogue. Their SQL never runs on
 * the main thread, where a lock or a slow disk would delay every prediction.
 */
export class StateThread {
  readonly #thread: OnDemandThread<{ readonly do: keyof StateCalls; readonly ask: unknown }>;

  constructor(places: StatePlaces) {
    this.#thread = new OnDemandThread({
      thread: 'state',
      database: STATE,
      workerData: places,
      maxPendingCalls: MAX_PENDING_CALLS,
    });
  }

  /**
   * Calls are answered in order.
   * @throws FoveaError `state_failed`, `overloaded`, and the errors of the call
   */
  readonly ask = <Name extends keyof StateCalls>(
    name: Name,
    ask: StateCalls[Name]['ask'],
  ): Promise<StateCalls[Name]['answer']> => this.#thread.ask<StateCalls[Name]['answer']>({ do: name, ask });

  /** Waits for pending calls. */
  close(): Promise<void> {
    return this.#thread.close();
  }
}
