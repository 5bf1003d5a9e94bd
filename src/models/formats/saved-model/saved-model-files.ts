/** The file of a SavedModel's graph. Its variables lie in the folder `variables`, its vocabularies in `assets`. */
export const SAVED_MODEL_FILE = 'saved_model.pb';

/** Whether a file beside `SAVED_MODEL_FILE` is part of the SavedModel. */
export function isSavedModelFile(name: string): boolean {
  return name === SAVED_MODEL_FILE || /^(variables|assets)\/[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name);
}
