import { FoveaError } from '../../../platform/errors.js';
import type { Port } from './graph.js';

/** Chooses an input or output of a graph.
 * @param name undefined chooses the only one
 * @throws FoveaError `model_invalid` for an unknown name, or when there are several and no name */
export function choosePort(ports: readonly Port[], name: string | undefined, what: 'input' | 'output'): Port {
  const [only, second] = name === undefined ? ports : ports.filter((port) => port.name === name);
  if (only !== undefined && (name !== undefined || second === undefined)) return only;
  const names = ports.map((port) => port.name).join(', ') || 'none';
  const problem = name === undefined ? `several ${what}s` : `no ${what} ${name}`;
  throw new FoveaError(
    'model_invalid',
    `The model has ${ports.length === 0 ? `no ${what}` : problem}: it has ${names}.`,
  );
}
