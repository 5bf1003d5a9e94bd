import type { ModelVersion } from '../../models/repository/model-version.js';
import type { TrainingRequest } from './training.js';

/** Distance above which the new version calls images unfamiliar: as the request says, else as its base of the same model.
 * @returns undefined where the version shall not tell */
export function unfamiliarAboveOf(
  { model, settings }: Pick<TrainingRequest, 'model' | 'settings'>,
  base: ModelVersion | undefined,
): number | undefined {
  const { unfamiliar_above: asked } = settings;
  if (asked !== undefined) return asked ?? undefined;
  return base?.model === model ? base.manifest.output.unfamiliar_above : undefined;
}
