import { z } from 'zod';
import { type Truth, toldLabelSchema } from '../../../insight/history/truth.js';

/** The fields by which a client tells what a prediction's image shows: one of them. */
export const truthFields = {
  label: toldLabelSchema
    .optional()
    .describe(
      'The true class: its label, in which case and punctuation do not matter, its id in the manifest’s `label_ids`, or its index.',
    ),
  labels: z
    .array(toldLabelSchema)
    .optional()
    .describe('All true labels, for a model of several labels; an empty list where none is true.'),
};

interface TruthFields {
  readonly label?: string | number | undefined;
  readonly labels?: (string | number)[] | undefined;
}

export const ONE_TRUTH =
  'A model of one class an image takes `label`, a model of several labels takes `labels`.';

export function isOneTruth({ label, labels }: TruthFields): boolean {
  return (label === undefined) !== (labels === undefined);
}

/** @param fields that `isOneTruth` */
export function truthOf({ label, labels = [] }: TruthFields): Truth {
  return label === undefined ? { labels } : { label };
}
