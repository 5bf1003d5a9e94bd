import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { FoveaError } from '../../platform/errors.js';
import {
  type EvaluationEvent,
  type EvaluationResult,
  type EvaluationTask,
  evaluationEventSchema,
} from './evaluation.js';

const ENTRY_POINT = fileURLToPath(new URL('../../../workers/evaluation.js', import.meta.url));

/** Below what serves, so that predictions come first. */
const NICENESS = 10;

/** An evaluation in a child process. */
export interface EvaluationProcess {
  /** Settles when the child has ended.
   * @throws FoveaError as the child reported it, or `evaluation_failed` when it died without a word */
  readonly finished: Promise<EvaluationResult>;
  /** Ends the child at once. */
  cancel(): void;
}

/** @param env the variables that the child starts with */
export function startEvaluation(
  task: EvaluationTask,
  env: NodeJS.ProcessEnv,
  onEvent: (event: EvaluationEvent) => void,
): EvaluationProcess {
  const child = fork(ENTRY_POINT, { env });
  if (child.pid !== undefined) setPriority(child.pid, NICENESS);
  let last: EvaluationEvent | undefined;
  child.on('message', (message) => {
    last = evaluationEventSchema.parse(message);
    onEvent(last);
  });
  child.send(task);
  const finished = once(child, 'close').then(([exitCode, signal]) => {
    if (last?.type === 'finished') return last.result;
    if (last?.type === 'failed') throw FoveaError.fromWire(last.error);
    throw new FoveaError(
      'evaluation_failed',
      `The evaluation process ended early (${signal ?? `code ${exitCode}`}).`,
      { details: { signal: String(signal), exit_code: Number(exitCode) } },
    );
  });
  return { finished, cancel: () => void child.kill('SIGTERM') };
}
