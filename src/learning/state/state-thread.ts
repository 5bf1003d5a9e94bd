import { OnDemandThread } from '../../platform/sqlite/on-demand-thread.js';
import { STATE, type StateCalls, type StatePlaces } from './state-calls.js';

const MAX_PENDING_CALLS = 1024;

/**
 * The thread that owns the connections to the lists of trainings and evaluations and, to read it, to the catalogue. No
 * SQL of theirs runs on the main thread, where a lock or a slow disk would hold every prediction.
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

  /** Calls are answered in their order.
   * @throws FoveaError `state_failed`, `overloaded`, and what the call throws */
  readonly ask = <Name extends keyof StateCalls>(
    name: Name,
    ask: StateCalls[Name]['ask'],
  ): Promise<StateCalls[Name]['answer']> => this.#thread.ask<StateCalls[Name]['answer']>({ do: name, ask });

  /** Lets what was asked finish. */
  close(): Promise<void> {
    return this.#thread.close();
  }
}
