import type { ModelVersion } from '../../../../clients/typescript/src/answers/models.js';
import { strings } from '../../strings.js';

/** The badge of a version. */
export function stateOf(version: ModelVersion): { readonly text: string; readonly tone: string } {
  const { state } = strings.model;
  if (version.problem !== null) return { text: state.invalid, tone: 'bad' };
  if (version.is_active) return { text: state.active, tone: 'accent' };
  if (version.is_in_service) return { text: state.serving, tone: 'good' };
  if (version.acceptance === 'candidate') return { text: state.candidate, tone: 'warn' };
  if (version.acceptance === 'refused') return { text: state.refused, tone: 'bad' };
  return { text: state.accepted, tone: '' };
}

/** The best known accuracy: of test images, else of an evaluation, else of validation images. */
export function accuracyOf({ metrics, evaluation }: ModelVersion): number | null {
  return metrics?.test?.accuracy ?? evaluation?.accuracy ?? metrics?.validation?.accuracy ?? null;
}
