/** Where labelled images may come from, by the names that requests use, which are never paths: FOVEA_TRAINING_DATA, and
 * the images that were uploaded for the model. */
export const DATA_NAMES = ['configured', 'catalogue'] as const;

export type DataName = (typeof DATA_NAMES)[number];
