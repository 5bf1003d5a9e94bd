import { CHILD_NICENESS } from '../../platform/child/supervised-child.js';
import { endedEarly, startTask, type TaskChild } from '../../platform/child/task-child.js';
import { type EvaluationEvent, type EvaluationTask, evaluationEventSchema } from './evaluation.js';

/** An evaluation in a child process.
 * @param env the variables that the child starts with
 * @returns `finished` rejects with `evaluation_failed` when the child died without a word */
export function startEvaluation(
  task: EvaluationTask,
  env: NodeJS.ProcessEnv,
  onEvent: (event: EvaluationEvent) => void,
): TaskChild<EvaluationEvent> {
  return startTask(task, {
    entryPoint: 'evaluation',
    env,
    niceness: CHILD_NICENESS,
    events: evaluationEventSchema,
    onEvent,
    endedEarly: (end) => endedEarly('evaluation_failed', 'evaluation', end),
  });
}
