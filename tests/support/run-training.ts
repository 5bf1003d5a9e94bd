import type { TrainingEvent, TrainingRequest } from '../../src/learning/training/training.js';
import { startTraining } from '../../src/learning/training/training-process.js';

/** Runs a training process to its end, or kills it without warning after an epoch. */
export async function train(wanted: TrainingRequest, killAfterEpoch?: number): Promise<TrainingEvent[]> {
  const events: TrainingEvent[] = [];
  const training = startTraining(wanted, process.env, (event) => {
    events.push(event);
    // The checkpoint is written right after the event: the next epoch's first step says that it is there.
    if (event.type === 'step' && event.epoch === (killAfterEpoch ?? Number.NaN) + 1) training.cancel();
  });
  await training.finished.catch((error: unknown) => {
    if (killAfterEpoch === undefined) throw error;
  });
  return events;
}
