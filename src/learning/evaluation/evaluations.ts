import type { TaskChild } from '../../platform/child/task-child.js';
import { type ErrorCode, FoveaError } from '../../platform/errors.js';
import type {
  Evaluation,
  EvaluationEvent,
  EvaluationResult,
  EvaluationSummary,
  EvaluationTask,
} from './evaluation.js';
import { startEvaluation } from './evaluation-process.js';
import { advance, firstSummary } from './evaluation-progress.js';
import type { EvaluationFilter, EvaluationStore } from './evaluation-store.js';

export interface EvaluationsOptions {
  readonly store: EvaluationStore;
  /** What the child starts with. */
  readonly env: NodeJS.ProcessEnv;
  /** Longest run of one. */
  readonly timeoutMs: number;
  /** For the log. */
  readonly onEnd: (summary: EvaluationSummary) => void;
}

/** An evaluation that was started. */
export interface StartedEvaluation {
  readonly summary: EvaluationSummary;
  /** @throws FoveaError as rejection, which need not be waited for: `evaluation_cancelled`, `deadline_exceeded`,
   * `draining`, and whatever the evaluation failed with */
  readonly finished: Promise<Evaluation>;
}

interface Run {
  readonly process: TaskChild<EvaluationEvent>;
  readonly timer: NodeJS.Timeout;
  summary: EvaluationSummary;
  /** Why the process is being ended before it has finished. */
  ending: FoveaError | undefined;
}

const STATES: Readonly<Partial<Record<ErrorCode, EvaluationSummary['state']>>> = {
  evaluation_cancelled: 'cancelled',
  draining: 'interrupted',
};

/** One evaluation at a time, in a process of its own; what came of each is kept with its version. */
export class Evaluations {
  readonly #options: EvaluationsOptions;
  #run: Run | undefined;
  #finished: Promise<unknown> = Promise.resolve();

  constructor(options: EvaluationsOptions) {
    this.#options = options;
    const error = { code: 'interrupted', message: 'The server ended while this evaluation ran.' };
    for (const summary of options.store.unfinished()) {
      options.store.save({ summary: { ...summary, state: 'interrupted', error }, result: null });
    }
  }

  /** The running one. */
  get current(): EvaluationSummary | undefined {
    return this.#run?.summary;
  }

  list(filter: EvaluationFilter): EvaluationSummary[] {
    return this.#options.store.newest(filter).map((summary) => this.#upToDate(summary));
  }

  /** @throws FoveaError `not_found` */
  byId(id: string): Evaluation {
    const found = this.#options.store.byId(id);
    if (found === undefined) throw new FoveaError('not_found', 'There is no such evaluation.');
    return { ...found, summary: this.#upToDate(found.summary) };
  }

  /** The newest one of a version that succeeded.
   * @param digest `versionDigest` of its manifest */
  newestOf(model: string, version: number, digest: string): Evaluation | undefined {
    return this.#options.store.newestOf(model, version, digest);
  }

  newestSummaryOf(model: string, version: number, digest: string): EvaluationSummary | undefined {
    return this.#options.store.newestSummaryOf(model, version, digest);
  }

  /** @throws FoveaError `evaluation_running` */
  start(task: EvaluationTask): StartedEvaluation {
    if (this.#run !== undefined) {
      throw new FoveaError('evaluation_running', 'An evaluation runs already; wait for it or cancel it.', {
        details: { evaluation: this.#run.summary.id },
      });
    }
    const { store, env, timeoutMs } = this.#options;
    const summary = firstSummary(task);
    store.save({ summary, result: null });
    const run: Run = {
      summary,
      process: startEvaluation(task, env, (event) => this.#advance(run, event)),
      timer: setTimeout(() => {
        this.#endEarly(new FoveaError('deadline_exceeded', `The evaluation took more than ${timeoutMs} ms.`));
      }, timeoutMs),
      ending: undefined,
    };
    this.#run = run;
    const finished = run.process.finished.then(
      ({ result }) => this.#succeed(run, result),
      (error: unknown) => this.#fail(run, error),
    );
    // Whoever started it may not wait; the store has what became of it.
    this.#finished = finished.catch(() => undefined);
    return { summary, finished };
  }

  /** Ends the running evaluation.
   * @throws FoveaError `not_found` when it is not running */
  cancel(id: string): EvaluationSummary {
    if (this.#run?.summary.id !== id) throw new FoveaError('not_found', 'No such evaluation is running.');
    this.#endEarly(new FoveaError('evaluation_cancelled', 'The evaluation was cancelled.'));
    return this.#run.summary;
  }

  /** Ends the running evaluation, if any, because the server goes; whoever waits for it is told. */
  async interrupt(): Promise<void> {
    this.#endEarly(new FoveaError('draining', 'The server is shutting down.'));
    await this.#finished;
  }

  async close(): Promise<void> {
    await this.interrupt();
    this.#options.store.close();
  }

  #upToDate(summary: EvaluationSummary): EvaluationSummary {
    return this.#run?.summary.id === summary.id ? this.#run.summary : summary;
  }

  #advance(run: Run, event: EvaluationEvent): void {
    run.summary = advance(run.summary, event);
  }

  #endEarly(reason: FoveaError): void {
    if (this.#run === undefined) return;
    this.#run.ending ??= reason;
    this.#run.process.cancel();
  }

  #succeed(run: Run, result: EvaluationResult): Evaluation {
    const evaluation = { summary: this.#end(run, 'succeeded'), result };
    this.#keep(evaluation);
    return evaluation;
  }

  #fail(run: Run, error: unknown): never {
    const reason = run.ending ?? FoveaError.from(error);
    const { code, message } = reason;
    const summary = { ...this.#end(run, STATES[code] ?? 'failed'), error: { code, message } };
    this.#keep({ summary, result: null });
    throw reason;
  }

  #end(run: Run, state: EvaluationSummary['state']): EvaluationSummary {
    clearTimeout(run.timer);
    this.#run = undefined;
    const progress = { ...run.summary.progress, phase: 'ended' as const };
    return { ...run.summary, state, progress, end_time: new Date().toISOString() };
  }

  #keep(evaluation: Evaluation): void {
    this.#options.store.save(evaluation);
    this.#options.onEnd(evaluation.summary);
  }
}
