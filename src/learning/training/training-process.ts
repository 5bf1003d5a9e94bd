import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { FoveaError } from '../../platform/errors.js';
import { anonymousBytes } from './process-memory.js';
import { type TrainingEvent, type TrainingRequest, trainingEventSchema } from './training.js';

const ENTRY_POINT = fileURLToPath(new URL('../../../workers/training.js', import.meta.url));

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

/** A training in a child process. */
export interface TrainingProcess {
  /** Settles when the child has ended.
   * @throws FoveaError as the child reported it, or `out_of_memory`, `training_failed` when it died without a word. */
  readonly finished: Promise<Extract<TrainingEvent, { type: 'finished' }>>;
  readonly pid: number | undefined;
  /** Ends the child at once; its last checkpoint stays. */
  cancel(): void;
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

/** A child that leaves the processor to others, with all its threads from the first on. */
function forkInBackground(env: NodeJS.ProcessEnv): ChildProcess {
  idles ??= canIdle();
  const execArgv = [...ownNodeOptions(), ...FRUGAL_NODE];
  if (idles)
    return fork(ENTRY_POINT, {
      env,
      execPath: 'chrt',
      execArgv: ['--idle', '0', process.execPath, ...execArgv],
    });
  const child = fork(ENTRY_POINT, { env, execArgv });
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  return child;
}

/** What a child's silent end means. SIGKILL is not ours: that is how the kernel takes back memory. */
function endedEarly(exitCode: unknown, signal: unknown): FoveaError {
  if (signal === 'SIGKILL') {
    return new FoveaError(
      'out_of_memory',
      'The training process was killed, as the kernel does where memory runs out. Allow more, or lower micro_batch_size.',
    );
  }
  const end = signal === null ? `code ${String(exitCode)}` : String(signal);
  return new FoveaError('training_failed', `The training process ended early (${end}).`, {
    details: { signal: signal === null ? null : String(signal), exit_code: Number(exitCode) },
  });
}

/** @param env the variables that the child starts with, besides those that training needs
 * @param isBackground takes only what processor time others leave, and less memory */
export function startTraining(
  request: TrainingRequest,
  env: NodeJS.ProcessEnv,
  onEvent: (event: TrainingEvent) => void,
  isBackground = false,
): TrainingProcess {
  // How many arenas this process has was chosen for serving.
  const childEnv = { TF_CPP_MIN_LOG_LEVEL: '2', ...ALLOCATOR, ...env };
  const child = isBackground
    ? forkInBackground({ ...childEnv, MALLOC_ARENA_MAX: FRUGAL_ARENAS })
    : fork(ENTRY_POINT, {
        env: { ...childEnv, MALLOC_ARENA_MAX: undefined },
        execArgv: ownNodeOptions(),
      });
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
    throw endedEarly(exitCode, signal);
  });
  return {
    finished,
    pid: child.pid,
    cancel: () => void child.kill('SIGTERM'),
    memoryBytes: () => (child.pid === undefined ? undefined : anonymousBytes(child.pid)),
  };
}
