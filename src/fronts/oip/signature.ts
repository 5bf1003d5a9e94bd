/** The inputs of every model; a request has one of them. */
export const PIXELS = 'pixels';
export const IMAGE = 'image';

/** The outputs of every model. */
export const PROBABILITIES = 'probabilities';
export const LABEL = 'label';
export const CLASS_ID = 'class_id';
export const OUTPUTS: readonly string[] = [PROBABILITIES, LABEL, CLASS_ID];
