import { CHILD_NICENESS } from '../../platform/child/supervised-child.js';
import { endedEarly, startTask, type TaskChild } from '../../platform/child/task-child.js';
import { type EvaluationEvent, type EvaluationTask, evaluationEventSchema } from './evaluation-task.js';

/**
 * Runs an evaluation in a child process.
 * @param env environment variables of the child
 * @returns `finished` rejects with `evaluation_failed` when the child ended without a result
 */
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
