import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type TrainingEvent, type TrainingRequest, trainingEventSchema } from '../contracts/training.js';
import { FoveaError } from '../errors.js';

const ENTRY_POINT = fileURLToPath(new URL('../../workers/training.js', import.meta.url));

/**
 * glibc returns a step's tensors to the kernel and takes them again as zeroed pages at the next step; told to keep
 * them, the same step takes two thirds of the time (`bench/training.bench.ts`).
 * @source mallopt(3)
 */
export const ALLOCATOR = {
  MALLOC_MMAP_THRESHOLD_: String(2 ** 32),
  MALLOC_TRIM_THRESHOLD_: String(2 ** 33),
  MALLOC_TOP_PAD_: String(2 ** 28),
};

/** A training in a child process. */
export interface TrainingProcess {
  /** Settles when the child has ended.
   * @throws FoveaError as the child reported it, or `training_failed` when it died without a word. */
  readonly finished: Promise<Extract<TrainingEvent, { type: 'finished' }>>;
  /** Ends the child at once; its last checkpoint stays. */
  cancel(): void;
  /** Its anonymous memory, as the kernel counts it now; undefined once it has ended. */
  memoryBytes(): number | undefined;
}

/** @source proc_pid_status(5): RssAnon, in kibibytes */
function readAnonymousBytes(pid: number | undefined): number | undefined {
  try {
    const [, kibibytes] = /RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    return undefined;
  }
}

/** @param env the variables that the child starts with, besides those that training needs
 * @param niceness 0 shares the processor evenly, 19 takes what others leave */
export function startTraining(
  request: TrainingRequest,
  env: NodeJS.ProcessEnv,
  onEvent: (event: TrainingEvent) => void,
  niceness = 0,
): TrainingProcess {
  const child = fork(ENTRY_POINT, { env: { TF_CPP_MIN_LOG_LEVEL: '2', ...ALLOCATOR, ...env } });
  if (niceness !== 0 && child.pid !== undefined) setPriority(child.pid, niceness);
  let last: TrainingEvent | undefined;
  child.on('message', (message) => {
    last = trainingEventSchema.parse(message);
    onEvent(last);
  });
  child.send(request);
  const ended = once(child, 'close');
  const finished = ended.then(([exitCode, signal]) => {
    if (last?.type === 'finished') return last;
    if (last?.type === 'failed') throw FoveaError.fromWire(last.error);
    throw new FoveaError(
      'training_failed',
      `The training process ended early (${signal ?? `code ${exitCode}`}).`,
      {
        details: { signal: String(signal), exit_code: Number(exitCode) },
      },
    );
  });
  return {
    finished,
    cancel: () => void child.kill('SIGTERM'),
    memoryBytes: () => readAnonymousBytes(child.pid),
  };
}
