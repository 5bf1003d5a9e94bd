import { randomUUID } from 'node:crypto';
import { writeAcceptance } from '../../models/repository/acceptance.js';
import { FoveaError } from '../../platform/errors.js';
import { RetriedSaves } from '../../platform/retried-saves.js';
import { type KeptRows, withUnsaved } from '../state/kept-rows.js';
import type { AskState } from '../state/state-calls.js';
import { advance, firstProgress } from './job-progress.js';
import type { TrainingEvent, TrainingRequest } from './training.js';
import type { ActivationRule, TrainingJob } from './training-job.js';
import { startTraining, type TrainingProcess } from './training-process.js';

export interface TrainingJobsOptions {
  /** Calls the state thread, which stores the jobs. */
  readonly ask: AskState;
  /** Environment variables of the child. */
  readonly env: NodeJS.ProcessEnv;
  /** What `recover` does with a job that ran when the server ended. */
  readonly afterRestart: 'resume' | 'interrupt';
  /** Lets the server find the model of a first version. */
  readonly discover: () => Promise<void>;
  /**
   * A model's active version and the validation accuracy in its manifest, 0..1; undefined when the manifest has none.
   */
  readonly activeVersion: (
    model: string,
  ) => Promise<{ readonly version: number; readonly accuracy: number | undefined }>;
  readonly activate: (model: string, version: number) => Promise<void>;
  /** Logs the end of a job. */
  readonly onEnd: (job: TrainingJob) => void;
  /** Logs that jobs could not be stored or read. */
  readonly onProblem: (error: unknown) => void;
}

type Finished = Extract<TrainingEvent, { type: 'finished' }>;

/** Runs one retraining at a time in a child process. The jobs are stored over restarts. */
export class TrainingJobs {
  readonly #options: TrainingJobsOptions;
  readonly #saves: RetriedSaves<TrainingJob>;
  /** The newest job of earlier server processes. */
  readonly #last: Promise<TrainingJob | undefined>;
  #job: TrainingJob | undefined;
  #process: TrainingProcess | undefined;
  /** Settles when the result of the last child is stored and, if requested, its version is active. */
  #finishing: Promise<void> = Promise.resolve();
  /** Why the child was told to end; undefined while it may finish. */
  #ending: 'cancelled' | 'closing' | undefined;

  constructor(options: TrainingJobsOptions) {
    const { ask, onProblem } = options;
    this.#options = options;
    this.#saves = new RetriedSaves({
      save: (job) => ask('saveJob', job),
      idOf: ({ id }) => id,
      onProblem,
    });
    this.#last = this.#readLast();
  }

  /** The running job, else the last job. */
  get current(): TrainingJob | undefined {
    return this.#job;
  }

  get isRunning(): boolean {
    return this.#process !== undefined;
  }

  /** Anonymous memory of the training process; undefined when none runs. */
  get memoryBytes(): number | undefined {
    return this.#process?.memoryBytes();
  }

  /** @throws FoveaError `state_failed` */
  async past(limit: number): Promise<KeptRows<TrainingJob>> {
    const { unsaved } = this.#saves;
    return withUnsaved(await this.#options.ask('newestJobs', { limit }), unsaved, limit);
  }

  /** Resumes or closes the job that an earlier server process left running. Never rejects. */
  async recover(): Promise<void> {
    const job = await this.#last;
    if (job?.state !== 'running' || this.#job?.id !== job.id || this.isRunning) return;
    if (job.result !== null) {
      this.#end({ state: 'succeeded' });
    } else if (this.#options.afterRestart === 'resume') {
      this.#run({ ...job, request: { ...job.request, resume: true } });
    } else {
      const error = { code: 'interrupted', message: 'The server ended while this training ran.' };
      this.#end({ state: 'interrupted', error });
    }
  }

  /** @throws FoveaError `training_running` */
  start(request: TrainingRequest, rule: ActivationRule): TrainingJob {
    if (this.isRunning && this.#job !== undefined) {
      throw new FoveaError('training_running', 'A training is already running. Wait for it or cancel it.', {
        details: { job: this.#job.id },
      });
    }
    return this.#run({
      id: randomUUID(),
      state: 'running',
      start_time: new Date().toISOString(),
      end_time: null,
      request,
      rule,
      progress: firstProgress(request.settings.epochs),
      result: null,
      error: null,
    });
  }

  /**
   * Cancels the running job. The next training of the model deletes its checkpoint.
   * @throws FoveaError `not_found` when no job runs
   */
  cancel(): TrainingJob {
    if (this.#process === undefined || this.#job === undefined) {
      throw new FoveaError('not_found', 'No training is running.');
    }
    this.#ending = 'cancelled';
    this.#process.cancel();
    return this.#job;
  }

  /**
   * Ends the child of a running job. The job stays `running` in the store, so that the next server recovers it. Waits
   * for an activation that has begun, so that its result is stored.
   */
  async close(): Promise<void> {
    this.#ending ??= 'closing';
    this.#process?.cancel();
    await this.#finishing;
    await this.#saves.close();
  }

  async #readLast(): Promise<TrainingJob | undefined> {
    try {
      const { documents } = await this.#options.ask('newestJobs', { limit: 1 });
      this.#job ??= documents[0];
      return documents[0];
    } catch (error) {
      this.#options.onProblem(error);
      return undefined;
    }
  }

  #run(job: TrainingJob): TrainingJob {
    this.#job = job;
    this.#ending = undefined;
    this.#saves.add(job);
    const process = startTraining(job.request, this.#options.env, (event) => this.#advance(event), true);
    this.#process = process;
    this.#finishing = process.finished.then(
      (finished) => this.#finish(finished),
      (error: unknown) => this.#fail(FoveaError.from(error)),
    );
    return job;
  }

  #advance(event: TrainingEvent): void {
    if (this.#job === undefined) return;
    const { batch_size: batchSize } = this.#job.request.settings;
    this.#job = { ...this.#job, progress: advance(this.#job.progress, event, batchSize) };
    if (event.type === 'epoch') this.#saves.add(this.#job);
  }

  async #finish(finished: Finished): Promise<void> {
    if (this.#job === undefined) return;
    const { version, validation_accuracy, test_accuracy, seconds } = finished;
    const result = { version, validation_accuracy, test_accuracy, seconds };
    // The last epoch deleted the checkpoint. If the server ended now, the next server would repeat the whole
    // training.
    const unknown = { is_activated: false, activation: 'The server ended during the activation.' };
    this.#job = { ...this.#job, result: { ...result, ...unknown } };
    this.#saves.add(this.#job);
    this.#end({ state: 'succeeded', result: { ...result, ...(await this.#activate(finished)) } });
  }

  async #activate(finished: Finished): Promise<{ is_activated: boolean; activation: string }> {
    const job = this.#job;
    if (job === undefined || this.#ending === 'closing')
      return { is_activated: false, activation: 'The server is shutting down.' };
    const { auto_activate: isAutomatic, max_accuracy_drop: maxDrop } = job.rule;
    await this.#options.discover().catch((error: unknown) => this.#options.onProblem(error));
    if (!isAutomatic) return { is_activated: false, activation: 'Not requested (auto_activate is false).' };
    try {
      const { model, incumbent } = job.request;
      const active = await this.#options.activeVersion(model);
      // The first version of a model serves as soon as it is loaded.
      if (active.version === finished.version) {
        await this.#options.activate(model, finished.version);
        return { is_activated: true, activation: 'It is the first version of its model.' };
      }
      if (incumbent !== null && incumbent.version !== active.version) {
        return await this.#refuse(finished, `version ${active.version} was activated while it trained`);
      }
      // Accuracies compare only on the same images. Without them the manifest's figure is the fallback.
      const activeAccuracy = finished.incumbent_accuracy ?? active.accuracy ?? 0;
      const figures = `validation accuracy ${finished.validation_accuracy.toFixed(4)}, active version ${activeAccuracy.toFixed(4)}`;
      if (finished.validation_accuracy < activeAccuracy - maxDrop) {
        return await this.#refuse(finished, figures);
      }
      this.#job = { ...job, progress: { ...job.progress, phase: 'activating' } };
      await this.#options.activate(job.request.model, finished.version);
      return { is_activated: true, activation: `Passed the gate: ${figures}.` };
    } catch (error) {
      return { is_activated: false, activation: `Activation failed: ${FoveaError.from(error).message}` };
    }
  }

  /** Marks the version, so that no other server of the repository serves it unasked. */
  async #refuse({ directory }: Finished, why: string): Promise<{ is_activated: false; activation: string }> {
    const activation = `Refused by the gate: ${why}.`;
    await writeAcceptance(directory, { state: 'refused', reason: activation }).catch((error: unknown) =>
      this.#options.onProblem(error),
    );
    return { is_activated: false, activation };
  }

  #fail({ code, message }: FoveaError): void {
    if (this.#ending === 'closing') return;
    this.#end(
      this.#ending === 'cancelled'
        ? { state: 'cancelled', error: { code: 'cancelled', message: 'The training was cancelled.' } }
        : { state: 'failed', error: { code, message } },
    );
  }

  #end(outcome: Pick<TrainingJob, 'state'> & Partial<Pick<TrainingJob, 'result' | 'error'>>): void {
    this.#process = undefined;
    if (this.#job === undefined) return;
    const progress = { ...this.#job.progress, phase: 'ended' as const, eta_seconds: null };
    this.#job = { ...this.#job, ...outcome, progress, end_time: new Date().toISOString() };
    this.#saves.add(this.#job);
    this.#options.onEnd(this.#job);
  }
}
