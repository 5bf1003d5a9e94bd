import type { Facts } from './facts.js';
import { PRESETS } from './presets.js';

/** @param name one of `PRESET_NAMES` */
export function statePreset(facts: Facts, name: string): void {
  const { scaling, color_order, resize, crop } = PRESETS[name] ?? {};
  facts.request('scaling', scaling, ['preset'], name);
  facts.request('color_order', color_order, ['preset'], name);
  facts.request('resize', resize, ['preset'], name);
  facts.request('crop', crop, ['preset'], name);
}
