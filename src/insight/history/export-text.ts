import { stringify } from 'csv-stringify/sync';
import type { ExportFormat, PredictionFilter } from './history.js';
import { type StoredPrediction, storedPredictionSchema } from './stored-prediction.js';

export interface ExportQuery {
  readonly filter: PredictionFilter;
  readonly format: ExportFormat;
  /** `next` of the part before; undefined for the first part. */
  readonly before: string | undefined;
}

const COLUMNS = Object.keys(storedPredictionSchema.shape);

/** @param isFirst write the header, if the format has one */
export function toText(
  predictions: readonly StoredPrediction[],
  format: ExportFormat,
  isFirst: boolean,
): string {
  if (format === 'ndjson') return predictions.map((prediction) => `${JSON.stringify(prediction)}\n`).join('');
  // Spreadsheets execute cells that begin with "=", and request ids come from clients.
  return stringify([...predictions], { columns: COLUMNS, header: isFirst, escape_formulas: true });
}
