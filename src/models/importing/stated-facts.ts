import { z } from 'zod';
import { FoveaError } from '../../platform/errors.js';
import { Facts } from './facts.js';
import type { ImportFields, Spelling } from './import-fields.js';
import { standardizing } from './presets.js';
import { jsonOf } from './recognize.js';
import { stateJson, stateLabels } from './side-files.js';
import { statePreset } from './state-preset.js';

/** What a person states.
 * @throws FoveaError `bad_request` */
export function statedFacts(fields: ImportFields, spelling: Spelling): Facts {
  const facts = new Facts(spelling);
  facts.request('name', fields.name, ['name']);
  facts.request('size', fields.size, ['size']);
  facts.request('channels', fields.channels, ['channels']);
  facts.request('layout', fields.layout, ['layout']);
  facts.request('color_order', fields.color, ['color']);
  facts.request('activation', fields.activation, ['activation']);
  facts.request('drop_first', fields.drop_first, ['drop_first']);
  facts.request('input_name', fields.input, ['input']);
  facts.request('output_name', fields.output, ['output']);
  facts.request('license', fields.license, ['license']);
  stateScaling(facts, fields);
  stateResize(facts, fields);
  if (fields.preset !== undefined) statePreset(facts, fields.preset);
  if (fields.labels !== undefined) stateLabelText(facts, fields.labels);
  return facts;
}

function stateScaling(facts: Facts, { mean, std, scale, offset }: ImportFields): void {
  if (mean ?? std) {
    const means = mean ?? [0, 0, 0];
    facts.request('scaling', standardizing(1 / 255, means, std ?? means.map(() => 1)), ['mean', 'std']);
  }
  if (scale ?? offset)
    facts.request('scaling', { scale: scale ?? [1], offset: offset ?? [0] }, ['scale', 'offset']);
}

function stateResize(
  facts: Facts,
  { resize, interpolation = 'bilinear', antialias = true }: ImportFields,
): void {
  if (resize === undefined) return;
  const edge = Number(resize);
  const how = { interpolation, antialias };
  if (!Number.isInteger(edge)) facts.request('resize', { mode: resize, ...how }, ['resize']);
  else {
    facts.request('resize', { mode: 'shortest_edge', edge, ...how }, ['resize']);
    facts.request('crop', 'center', ['resize']);
  }
}

function stateLabelText(facts: Facts, text: string): void {
  const value = jsonOf(new TextEncoder().encode(text));
  const list = z.array(z.string()).safeParse(value);
  const from = facts.say('labels');
  if (list.success) facts.request('labels', list.data, ['labels']);
  else if (value === undefined || typeof value !== 'object') stateLabels(facts, from, text);
  else if (!stateJson(facts, from, value))
    throw new FoveaError('bad_request', `The JSON of ${from} names no labels.`);
}
