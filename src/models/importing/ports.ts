import { FoveaError } from '../../platform/errors.js';
import type { Facts } from './facts.js';
import { factsMissing } from './missing-facts.js';

/** Chooses one of a graph's inputs or outputs.
 * @throws FoveaError `facts_missing` when there are several and nobody named one; `bad_request` when none has that name */
export function pickPort<Port extends { readonly name: string }>(
  facts: Facts,
  ports: readonly Port[],
  what: 'input' | 'output',
): Port {
  const name = facts.get(`${what}_name`);
  const found = name === undefined ? ports[0] : ports.find((port) => port.name === name);
  const choices = ports.map((port) => port.name);
  if (found === undefined)
    throw new FoveaError(
      'bad_request',
      `The model has no ${what} ${name ?? ''}; it has ${choices.join(', ') || 'none'}.`,
    );
  if (name === undefined && ports.length > 1)
    throw factsMissing(
      `The model has several ${what}s (${choices.join(', ')}): choose one by ${facts.say(what)}.`,
      { missing: [`${what}_name`], fields: [what], choices },
    );
  return found;
}

/** States layout, channels and size.
 * @param dims of the input, rows first; -1 for a size that is not fixed
 * @throws FoveaError `model_invalid` when they are no images */
export function stateInput(facts: Facts, name: string, dims: readonly number[]): void {
  const [, a = 0, b = 0, c = 0] = dims;
  if (dims.length !== 4)
    throw new FoveaError(
      'model_invalid',
      `The input ${name} has ${dims.length} dimensions: images have 4, rows first.`,
    );
  const [isFirst, isLast] = [a, c].map((size) => size === 1 || size === 3);
  if (isFirst !== isLast) facts.state('layout', isFirst ? 'nchw' : 'nhwc', 'the graph');
  const layout = facts.get('layout');
  if (layout === undefined) return;
  const [channels, height, width] = layout === 'nchw' ? [a, b, c] : [c, a, b];
  if (channels === 1 || channels === 3) facts.state('channels', channels, 'the graph');
  if (height > 0 && width > 0) facts.state('size', { height, width }, 'the graph');
}
