import { FoveaError } from '../../platform/errors.js';
import type { Facts } from './facts.js';

/** Chooses one of a graph's inputs or outputs.
 * @param name what a flag states
 * @throws FoveaError `bad_request` naming the flag when there are several, or none of that name */
export function pickPort<Port extends { readonly name: string }>(
  ports: readonly Port[],
  name: string | undefined,
  what: 'input' | 'output',
): Port {
  const found = name === undefined ? ports[0] : ports.find((port) => port.name === name);
  const names = ports.map((port) => port.name).join(', ');
  if (found === undefined)
    throw new FoveaError('bad_request', `The model has no ${what} ${name ?? ''}; it has ${names || 'none'}.`);
  if (name === undefined && ports.length > 1)
    throw new FoveaError(
      'bad_request',
      `The model has several ${what}s (${names}): choose one by --${what}.`,
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
