import { createHash } from 'node:crypto';
import { z } from 'zod';
import { FoveaError } from '../../platform/errors.js';
import { parseJsonText } from '../../platform/json-text.js';
import type { PredictionRecord } from './history.js';
import { predictionIdOf } from './prediction-id.js';

/** An entry of the old service's `predictions.json`. */
const oldPredictionSchema = z.looseObject({
  predicted_class: z.string(),
  confidence: z.number().min(0).max(1),
  /** A time without a zone is local time of this machine. */
  timestamp: z.string().refine((text) => !Number.isNaN(Date.parse(text)), 'expected a date and time'),
  prediction_time_ms: z.number().nonnegative().optional(),
  all_probabilities: z.record(z.string(), z.number()).optional(),
});

export interface OldPredictions {
  readonly records: PredictionRecord[];
  /** Positions (from 0) of entries that could not be read, with the reason. */
  readonly problems: string[];
}

function toRecord(entry: unknown, model: string): PredictionRecord {
  const old = oldPredictionSchema.parse(entry);
  const probabilities = old.all_probabilities ?? {};
  const labels = Object.keys(probabilities);
  if (!labels.includes(old.predicted_class)) labels.push(old.predicted_class);
  const digest = createHash('sha256').update(JSON.stringify(entry)).digest();
  return {
    id: predictionIdOf(Date.parse(old.timestamp), digest),
    requestId: null,
    version: { model, version: 0, labels },
    answer: {
      classIndex: labels.indexOf(old.predicted_class),
      confidence: old.confidence,
      probabilities: Float32Array.from(Object.values(probabilities)),
    },
    queueMs: null,
    decodeMs: null,
    inferenceMs: null,
    predictionMs: old.prediction_time_ms ?? null,
    source: 'import',
    imageSha256: null,
    imageWidth: null,
    imageHeight: null,
    imageFormat: null,
    inputStatistics: null,
    clientHash: null,
    errorCode: null,
  };
}

/**
 * Reads the old service's history. An entry always gets the same id.
 * @param model model name to store the predictions under
 * @throws FoveaError `bad_request` when it is no such file
 */
export function readOldPredictions(json: string, model: string): OldPredictions {
  const entries = parseArray(json);
  const records: PredictionRecord[] = [];
  const problems: string[] = [];
  entries.forEach((entry, place) => {
    try {
      records.push(toRecord(entry, model));
    } catch (error) {
      if (!(error instanceof z.ZodError)) throw error;
      const issues = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
      problems.push(`entry ${place}: ${issues.join('; ')}`);
    }
  });
  return { records, problems };
}

function parseArray(json: string): unknown[] {
  try {
    return z.array(z.unknown()).parse(parseJsonText(json));
  } catch (error) {
    throw new FoveaError('bad_request', 'The file is not a JSON array of predictions.', { cause: error });
  }
}
