/**
 * Names of data sources that a request may use (never paths): FOVEA_TRAINING_DATA, and the images uploaded for the
 * model.
 */
export const DATA_NAMES = ['configured', 'catalogue'] as const;

export type DataName = (typeof DATA_NAMES)[number];
