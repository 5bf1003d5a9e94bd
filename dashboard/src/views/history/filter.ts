import type { PredictionFilter } from '../../../../clients/typescript/src/answers/history.js';

/** What the filter's fields hold: texts, '' for none. */
export interface FilterFields {
  readonly class: string;
  readonly version: string;
  readonly source: string;
  readonly feedback: '' | 'with' | 'without';
  readonly minConfidence: string;
  readonly maxConfidence: string;
  readonly from: string;
  readonly to: string;
}

export const NO_FILTER: FilterFields = {
  class: '',
  version: '',
  source: '',
  feedback: '',
  minConfidence: '',
  maxConfidence: '',
  from: '',
  to: '',
};

/** @param percents such as `90`; '' for none */
function shareOf(percents: string): number | undefined {
  return percents === '' ? undefined : Number(percents) / 100;
}

/** @param local time of the browser's zone, such as `2026-01-31T10:00` */
function timeOf(local: string): string | undefined {
  return local === '' ? undefined : new Date(local).toISOString();
}

export function filterOf(fields: FilterFields, model: string): PredictionFilter {
  return {
    model: model === '' ? undefined : model,
    class: fields.class === '' ? undefined : fields.class,
    version: fields.version === '' ? undefined : Number(fields.version),
    source: fields.source === '' ? undefined : fields.source,
    has_feedback: fields.feedback === '' ? undefined : fields.feedback === 'with',
    min_confidence: shareOf(fields.minConfidence),
    max_confidence: shareOf(fields.maxConfidence),
    from: timeOf(fields.from),
    to: timeOf(fields.to),
  };
}
