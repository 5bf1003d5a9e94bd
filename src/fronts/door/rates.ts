import { parseRate, type Rate } from '../../platform/rate.js';
import type { LimitGroup } from './limits.js';

/** Limits of the service that Fovea replaces. */
const LEGACY = { predict: '30/min', batch: '10/min', read: 'off', evaluate: '5/h', upload: '5/h' } as const;

export interface RateTexts extends Readonly<Record<LimitGroup, string>> {
  readonly preset: 'production' | 'legacy';
}

/** The rates of the settings; a group that is off has none. */
export function ratesOf(texts: RateTexts): Partial<Record<LimitGroup, Rate>> {
  const { predict, batch, read, evaluate, upload } = texts.preset === 'legacy' ? LEGACY : texts;
  const groups = Object.entries({ predict, batch, read, evaluate, upload });
  return Object.fromEntries(
    groups.map(([group, text]) => [group, parseRate(text)] as const).filter(([, rate]) => rate !== 'off'),
  );
}
