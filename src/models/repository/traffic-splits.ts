import { ModelChoices } from './model-choices.js';
import { type Traffic, trafficSchema } from './traffic.js';

/** How each model's requests are split, where they are. */
export type TrafficSplits = ModelChoices<Traffic>;

/** @throws FoveaError `config_invalid` */
export function openTrafficSplits(path: string): Promise<TrafficSplits> {
  return ModelChoices.open({ path, schema: trafficSchema, meaning: 'how traffic is split' });
}
