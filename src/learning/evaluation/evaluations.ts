import type { TaskChild } from '../../platform/child/task-child.js';
import { type ErrorCode, FoveaError } from '../../platform/errors.js';
import { RetriedSaves } from '../../platform/retried-saves.js';
import { type KeptRows, withUnsaved } from '../state/kept-rows.js';
import type { AskState, EvaluatedVersion } from '../state/state-calls.js';
import type { Evaluation, EvaluationResult, EvaluationSummary } from './evaluation.js';
import { startEvaluation } from './evaluation-process.js';
import { advance, firstSummary } from './evaluation-progress.js';
import type { EvaluationFilter } from './evaluation-store.js';
import type { EvaluationEvent, EvaluationTask } from './evaluation-task.js';

export interface EvaluationsOptions {
  /** Calls the state thread, which stores the evaluations. */
  readonly ask: AskState;
  /** Environment variables of the child. */
  readonly env: NodeJS.ProcessEnv;
  /** Longest duration of one evaluation. */
  readonly timeoutMs: number;
  /** Logs the end of an evaluation. */
  readonly onEnd: (summary: EvaluationSummary) => void;
  /** Logs that evaluations could not be stored or read. */
  readonly onProblem: (error: unknown) => void;
}

/** A started evaluation. */
export interface StartedEvaluation {
  readonly summary: EvaluationSummary;
  /**
   * Rejections need not be handled.
   * @throws FoveaError (as rejection) `evaluation_cancelled`, `deadline_exceeded`, `draining`, or the error of the
   *   evaluation
   */
  readonly finished: Promise<Evaluation>;
}

interface Run {
  readonly process: TaskChild<EvaluationEvent>;
  readonly timer: NodeJS.Timeout;
  summary: EvaluationSummary;
  /** Why the child was told to end; undefined while it may finish. */
  ending: FoveaError | undefined;
}

const STATES: Readonly<Partial<Record<ErrorCode, EvaluationSummary['state']>>> = {
  evaluation_cancelled: 'cancelled',
  draining: 'interrupted',
};

function matches(summary: EvaluationSummary, { model, version }: EvaluationFilter): boolean {
  return summary.model === (model ?? summary.model) && summary.version === (version ?? summary.version);
}

/** Runs one evaluation at a time in a child process, and stores the results. */
export class Evaluations {
  readonly #options: EvaluationsOptions;
  readonly #saves: RetriedSaves<Evaluation>;
  #run: Run | undefined;
  #finished: Promise<unknown> = Promise.resolve();

  constructor(options: EvaluationsOptions) {
    const { ask, onProblem } = options;
    this.#options = options;
    this.#saves = new RetriedSaves({
      save: (evaluation) => ask('saveEvaluation', evaluation),
      idOf: ({ summary }) => summary.id,
      onProblem,
    });
    // Evaluations of an earlier server process that are still `running`.
    ask('interruptEvaluations', { startedBefore: new Date().toISOString() }).catch(onProblem);
  }

  /** The running evaluation. */
  get current(): EvaluationSummary | undefined {
    return this.#run?.summary;
  }

  /** @throws FoveaError `state_failed` */
  async list(filter: EvaluationFilter): Promise<KeptRows<EvaluationSummary>> {
    const unsaved = this.#saves.unsaved.map(({ summary }) => summary).filter((each) => matches(each, filter));
    const kept = withUnsaved(await this.#options.ask('newestEvaluations', filter), unsaved, filter.limit);
    return { ...kept, documents: kept.documents.map((summary) => this.#upToDate(summary)) };
  }

  /** @throws FoveaError `not_found`, also when this release cannot read it; `state_failed` */
  async byId(id: string): Promise<Evaluation> {
    const unsaved = this.#saves.unsaved.find(({ summary }) => summary.id === id);
    const found = unsaved ?? (await this.#options.ask('evaluationById', { id }));
    if (found === null) throw new FoveaError('not_found', 'There is no such evaluation.');
    return { ...found, summary: this.#upToDate(found.summary) };
  }

  /** As `EvaluationStore.bestOf`. @throws FoveaError `state_failed` */
  async bestOf(version: EvaluatedVersion): Promise<Evaluation | undefined> {
    return (await this.#options.ask('bestEvaluationOf', version)) ?? undefined;
  }

  /** The newest successful evaluation of a version, without tables. @throws FoveaError `state_failed` */
  async newestSummaryOf(version: EvaluatedVersion): Promise<EvaluationSummary | undefined> {
    return (await this.#options.ask('newestSummaryOf', version)) ?? undefined;
  }

  /** @throws FoveaError `evaluation_running` */
  start(task: EvaluationTask): StartedEvaluation {
    if (this.#run !== undefined) {
      throw new FoveaError(
        'evaluation_running',
        'An evaluation is already running. Wait for it or cancel it.',
        {
          details: { evaluation: this.#run.summary.id },
        },
      );
    }
    const { env, timeoutMs } = this.#options;
    const summary = firstSummary(task);
    this.#saves.add({ summary, result: null });
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
    // The caller need not wait; the store has the result.
    this.#finished = finished.catch(() => undefined);
    return { summary, finished };
  }

  /**
   * Cancels the running evaluation.
   * @throws FoveaError `not_found` when this evaluation is not running
   */
  cancel(id: string): EvaluationSummary {
    if (this.#run?.summary.id !== id) throw new FoveaError('not_found', 'No such evaluation is running.');
    this.#endEarly(new FoveaError('evaluation_cancelled', 'The evaluation was cancelled.'));
    return this.#run.summary;
  }

  /** Ends the running evaluation at shutdown; `finished` rejects with `draining`. */
  async interrupt(): Promise<void> {
    this.#endEarly(new FoveaError('draining', 'The server is shutting down.'));
    await this.#finished;
  }

  async close(): Promise<void> {
    await this.interrupt();
    await this.#saves.close();
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
    this.#saves.add(evaluation);
    this.#options.onEnd(evaluation.summary);
  }
}
