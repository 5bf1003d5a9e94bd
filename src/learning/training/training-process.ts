import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import type { ChildEnd, ChildOptions } from '../../platform/child/supervised-child.js';
import { endedEarly, startTask, type TaskChild } from '../../platform/child/task-child.js';
import { FoveaError } from '../../platform/errors.js';
import { anonymousBytes } from './process-memory.js';
import { type TrainingEvent, type TrainingRequest, trainingEventSchema } from './training.js';

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

/**
 * Beside a server, memory counts for more than time: one arena for all threads and a small space for young objects of
 * JavaScript take 60 MB less, and a few percent longer (`bench/retraining.bench.ts`).
 */
const FRUGAL_ARENAS = '1';
const SEMI_SPACE = '--max-semi-space-size';
const FRUGAL_NODE = [`${SEMI_SPACE}=1`];

/** A training in a child process. Ended early, its last checkpoint stays. */
export interface TrainingProcess extends TaskChild<TrainingEvent> {
  /** Its anonymous memory, as the kernel counts it now; undefined once it has ended. */
  memoryBytes(): number | undefined;
}

/** Whether processes can be started so that they run only while the processor has nothing else to do. */
function canIdle(): boolean {
  return spawnSync('chrt', ['--idle', '0', 'true']).status === 0;
}

let idles: boolean | undefined;

/** What this process was started with, but for the little room for young objects that serving wants. */
function ownNodeOptions(): string[] {
  return process.execArgv.filter((option) => !option.startsWith(SEMI_SPACE));
}

type StartOptions = Pick<ChildOptions<TrainingEvent>, 'env' | 'execArgv' | 'execPath' | 'niceness'>;

/** For a child that gets only the processor time that others leave, with all its threads from the first on. */
function inBackground(env: NodeJS.ProcessEnv): StartOptions {
  idles ??= canIdle();
  const execArgv = [...ownNodeOptions(), ...FRUGAL_NODE];
  const frugal = { ...env, MALLOC_ARENA_MAX: FRUGAL_ARENAS };
  return idles
    ? { env: frugal, execPath: 'chrt', execArgv: ['--idle', '0', process.execPath, ...execArgv] }
    : { env: frugal, execArgv, niceness: constants.priority.PRIORITY_LOW };
}

/** What a child's silent end means. SIGKILL is the kernel's: that is how it takes back memory. */
function whyEndedEarly(end: ChildEnd): FoveaError {
  if (end.signal === 'SIGKILL' && end.problem === undefined) {
    return new FoveaError(
      'out_of_memory',
      'The training process was killed, as the kernel does where memory runs out. Allow more, or lower micro_batch_size.',
    );
  }
  return endedEarly('training_failed', 'training', end);
}

/** @param env the variables that the child starts with, besides those that training needs
 * @param isBackground takes only what processor time others leave, and less memory
 * @returns `finished` rejects with `out_of_memory` or `training_failed` when the child died without a word */
export function startTraining(
  request: TrainingRequest,
  env: NodeJS.ProcessEnv,
  onEvent: (event: TrainingEvent) => void,
  isBackground = false,
): TrainingProcess {
  // How many arenas this process has was chosen for serving.
  const childEnv = { TF_CPP_MIN_LOG_LEVEL: '2', ...ALLOCATOR, ...env };
  const child = startTask(request, {
    entryPoint: 'training',
    events: trainingEventSchema,
    onEvent,
    endedEarly: whyEndedEarly,
    ...(isBackground
      ? inBackground(childEnv)
      : { env: { ...childEnv, MALLOC_ARENA_MAX: undefined }, execArgv: ownNodeOptions() }),
  });
  const { pid } = child;
  return { ...child, memoryBytes: () => (pid === undefined ? undefined : anonymousBytes(pid)) };
}
