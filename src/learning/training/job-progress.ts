import type { TrainingEvent } from './training.js';
import type { JobProgress } from './training-job.js';

export function firstProgress(epochs: number): JobProgress {
  return {
    phase: 'starting',
    epoch: null,
    epochs,
    step: null,
    steps_per_epoch: null,
    loss: null,
    accuracy: null,
    images_per_second: null,
    eta_seconds: null,
    curves: [],
  };
}

type Step = Extract<TrainingEvent, { type: 'step' }>;

function secondsLeft(
  { epochs, steps_per_epoch: steps }: JobProgress,
  event: Step,
  batchSize: number,
): number | null {
  if (steps === null || event.images_per_second <= 0) return null;
  const stepsLeft = (epochs - event.epoch) * steps + (steps - event.step);
  return (stepsLeft * batchSize) / event.images_per_second;
}

/** Applies an event to the progress. */
export function advance(progress: JobProgress, event: TrainingEvent, batchSize: number): JobProgress {
  switch (event.type) {
    case 'setting_up':
    case 'downloading':
    case 'reading':
      return { ...progress, phase: event.type };
    case 'chosen':
      return event.learn === 'head' ? { ...progress, epochs: 1 } : progress;
    case 'features':
      return { ...progress, phase: 'training', step: event.images, steps_per_epoch: event.images_total };
    case 'started':
      // A resumed training repeats the epochs after its checkpoint.
      return {
        ...progress,
        phase: 'training',
        steps_per_epoch: event.steps_per_epoch,
        curves: progress.curves.filter(({ epoch }) => epoch < event.first_epoch),
      };
    case 'step': {
      const { epoch, step, loss, accuracy, images_per_second } = event;
      const eta = secondsLeft(progress, event, batchSize);
      return { ...progress, epoch, step, loss, accuracy, images_per_second, eta_seconds: eta };
    }
    case 'epoch': {
      const { type: _, is_best: __, ...curve } = event;
      return { ...progress, curves: [...progress.curves, curve] };
    }
    case 'finished':
    case 'failed':
      return { ...progress, phase: 'ended', eta_seconds: null };
  }
}
