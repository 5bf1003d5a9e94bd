import { type EvaluationEvent, evaluationTaskSchema } from '../src/learning/evaluation/evaluation.js';
import { runEvaluation } from '../src/learning/evaluation/run.js';
import { FoveaError } from '../src/platform/errors.js';

/*
 * The evaluation process: gets one task from its parent, reports events, and exits. A process of its own, so that it
 * shares neither instances nor memory nor, being niced, the processor's time with serving.
 */

function send(event: EvaluationEvent): Promise<void> {
  return new Promise((resolve) => {
    // A parent that is gone hears nothing.
    if (process.connected && process.send !== undefined) process.send(event, () => resolve());
    else resolve();
  });
}

async function run(message: unknown): Promise<void> {
  // Nobody waits for the result of a server that has gone.
  const endWithParent = (): never => process.exit(1);
  process.once('disconnect', endWithParent);
  try {
    const task = evaluationTaskSchema.parse(message);
    const result = await runEvaluation(task, (event) => void send(event));
    await send({ type: 'finished', result });
    process.exitCode = 0;
  } catch (error) {
    const known = FoveaError.from(error);
    if (known.code === 'internal') console.error(known.cause);
    await send({ type: 'failed', error: known.toWire() });
    process.exitCode = 1;
  }
  process.off('disconnect', endWithParent);
  if (process.connected) process.disconnect();
}

process.once('message', (message) => void run(message));
