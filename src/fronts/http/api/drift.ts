import { z } from 'zod';
import { DRIFT_WINDOWS } from '../../../insight/drift/drift.js';
import { type DriftReports, MAX_HOURS } from '../../../insight/drift/drift-reports.js';
import { driftAnswerSchema, unusualImagesOf } from '../../../insight/drift/unusual-images.js';
import type { KeptPredictionsParts } from '../../../insight/history/kept-predictions.js';
import { FoveaError } from '../../../platform/errors.js';
import type { Service } from '../../../serving/service-state.js';
import { parseQuery } from '../query.js';
import { jsonReply, type Reply } from '../reply.js';
import type { Route, RouteRequest } from '../route.js';

const HOURS = { hour: 1, day: 24 };

const driftQuerySchema = z.object({
  model: z.string().min(1).optional().describe('Model; default: the default model.'),
  version: z.int().min(1).optional().describe('A version in service; default: the active version.'),
  window: z.enum(DRIFT_WINDOWS).default('hour').describe('Length of a period.'),
  periods: z
    .int()
    .min(0)
    .max(MAX_HOURS)
    .default(24)
    .describe('Periods to look back over, beside the last one.'),
});

interface DriftParts extends KeptPredictionsParts {
  readonly service: Service;
  readonly drift: DriftReports;
}

/** Drift of a version's predictions and inputs from its validation images. */
export function driftRoutes(parts: DriftParts): Route[] {
  const respond = async (request: RouteRequest): Promise<Reply> => {
    const query = parseQuery(driftQuerySchema, request.query);
    if (query.periods * HOURS[query.window] > MAX_HOURS) {
      throw new FoveaError(
        'bad_request',
        `periods: at most ${MAX_HOURS / HOURS[query.window]} with the window ${query.window}.`,
      );
    }
    const { version } = parts.service.describedModel(query).classifier;
    const report = await parts.drift.report(version, query);
    return jsonReply({ ...report, unusual_images: await unusualImagesOf(parts, version, report.from) });
  };
  return [
    {
      method: 'GET',
      path: '/api/drift',
      summary: 'Drift of predicted classes, confidence and inputs: in the last hour or day, and over time.',
      query: driftQuerySchema,
      answer: driftAnswerSchema,
      errors: ['not_found', 'model_not_ready', 'history_failed', 'overloaded'],
      access: 'predict',
      limit: 'read',
      needsModel: false,
      respond,
    },
  ];
}
