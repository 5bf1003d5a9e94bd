import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import type { ChildEnd, ChildOptions } from '../../platform/child/supervised-child.js';
import { endedEarly, startTask, type TaskChild } from '../../platform/child/task-child.js';
import { FoveaError } from '../../platform/errors.js';
import { anonymousBytes } from './process-memory.js';
import { type TrainingEvent, type TrainingRequest, trainingEventSchema } from './training.js';

/**
 * Settings for a training beside a server, where memory matters more than time: one malloc arena and a small young
 * generation save 60 MB and cost a few percent of time (`bench/retraining.bench.ts`).
 */
const FRUGAL_ARENAS = '1';
const SEMI_SPACE = '--max-semi-space-size';
const FRUGAL_NODE = [`${SEMI_SPACE}=1`];

/** A training in a child process. When it is ended early, its last checkpoint stays. */
export interface TrainingProcess extends TaskChild<TrainingEvent> {
  /** Anonymous memory of the child; undefined when it has ended. */
  memoryBytes(): number | undefined;
}

/** True when `chrt` can start processes that run only while the processor is idle. */
function canIdle(): boolean {
  return spawnSync('chrt', ['--idle', '0', 'true']).status === 0;
}

let idles: boolean | undefined;

/** NODE_OPTIONS of this process without the young-generation limit that serving sets. */
function ownNodeOptions(): string[] {
  return process.execArgv.filter((option) => !option.startsWith(SEMI_SPACE));
}

type StartOptions = Pick<ChildOptions<TrainingEvent>, 'env' | 'execArgv' | 'execPath' | 'niceness'>;

/** Starts a child whose threads all run only in idle processor time. */
function inBackground(env: NodeJS.ProcessEnv): StartOptions {
  idles ??= canIdle();
  const execArgv = [...ownNodeOptions(), ...FRUGAL_NODE];
  const frugal = { ...env, MALLOC_ARENA_MAX: FRUGAL_ARENAS };
  return idles
    ? { env: frugal, execPath: 'chrt', execArgv: ['--idle', '0', process.execPath, ...execArgv] }
    : { env: frugal, execArgv, niceness: constants.priority.PRIORITY_LOW };
}

/** Error for a child that ended without a result. SIGKILL usually means that the kernel reclaimed memory. */
function whyEndedEarly(end: ChildEnd): FoveaError {
  if (end.signal === 'SIGKILL' && end.problem === undefined) {
    return new FoveaError(
      'out_of_memory',
      'The training process was killed, probably by the kernel because memory ran out. Allow more memory or lower micro_batch_size.',
    );
  }
  return endedEarly('training_failed', 'training', end);
}

/**
 * @param env environment variables of the child, besides those that training sets
 * @param isBackground run in idle processor time and with less memory
 * @returns `finished` rejects with `out_of_memory` or `training_failed` when the child ended without a result
 */
export function startTraining(
  request: TrainingRequest,
  env: NodeJS.ProcessEnv,
  onEvent: (event: TrainingEvent) => void,
  isBackground = false,
): TrainingProcess {
  // The number of arenas of this process is chosen for serving and must not be inherited.
  const childEnv = { TF_CPP_MIN_LOG_LEVEL: '2', ...env };
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
