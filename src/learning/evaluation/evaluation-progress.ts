import { randomUUID } from 'node:crypto';
import { versionDigest } from '../../models/repository/version-digest.js';
import type { EvaluationSummary } from './evaluation.js';
import type { EvaluationEvent, EvaluationTask } from './evaluation-task.js';

/** Summary of an evaluation that has just started. */
export function firstSummary(task: EvaluationTask): EvaluationSummary {
  const { data, upload, split, limit, mistakes } = task;
  const { model, version, manifest } = task.version;
  return {
    id: randomUUID(),
    state: 'running',
    start_time: new Date().toISOString(),
    end_time: null,
    model,
    version,
    version_digest: versionDigest(manifest),
    data,
    upload,
    split,
    limit,
    mistakes,
    engine: null,
    progress: { phase: 'starting', images_done: 0, images_total: null },
    images: null,
    data_fingerprint: null,
    accuracy: null,
    log_loss: null,
    error: null,
  };
}

/** Applies an event to a summary. */
export function advance(summary: EvaluationSummary, event: EvaluationEvent): EvaluationSummary {
  const { progress } = summary;
  switch (event.type) {
    case 'downloading':
      return { ...summary, progress: { ...progress, phase: 'downloading' } };
    case 'reading':
      return { ...summary, progress: { ...progress, phase: 'reading', images_done: event.images } };
    case 'loading':
      return {
        ...summary,
        progress: { phase: 'loading', images_done: 0, images_total: event.images_total },
      };
    case 'loaded':
      return { ...summary, engine: event.engine, progress: { ...progress, phase: 'predicting' } };
    case 'predicting':
      return { ...summary, progress: { ...progress, phase: 'predicting', images_done: event.images } };
    case 'finished': {
      const { metrics, data_fingerprint } = event.result;
      const { images, accuracy, log_loss } = metrics;
      return { ...summary, images, accuracy, log_loss, data_fingerprint };
    }
    case 'failed':
      return summary;
  }
}
