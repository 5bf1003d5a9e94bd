import { type EvaluationEvent, evaluationTaskSchema } from '../src/learning/evaluation/evaluation-task.js';
import { runEvaluation } from '../src/learning/evaluation/run.js';
import { doOneTask } from '../src/platform/child/child-side.js';

/* The evaluation process: it shares neither instances nor memory with serving, and runs at a lower priority. */

doOneTask<EvaluationEvent>(async (message, report) => {
  const task = evaluationTaskSchema.parse(message);
  report({ type: 'finished', result: await runEvaluation(task, report) });
});
