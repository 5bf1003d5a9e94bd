import type { ModelOutput } from '../../models/repository/model-output.js';

/** The inputs of every model; a request has one of them. */
export const PIXELS = 'pixels';
export const IMAGE = 'image';

export const PROBABILITIES = 'probabilities';
export const LABEL = 'label';
export const CLASS_ID = 'class_id';
/** Whether each label reaches its threshold. */
export const ABOVE_THRESHOLD = 'above_threshold';

/** The outputs of a model. */
export const OUTPUTS: Readonly<Record<ModelOutput['task'], readonly string[]>> = {
  single: [PROBABILITIES, LABEL, CLASS_ID],
  multi: [PROBABILITIES, LABEL, CLASS_ID, ABOVE_THRESHOLD],
};
