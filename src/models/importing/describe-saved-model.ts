import { FoveaError } from '../../platform/errors.js';
import { lastOperation } from '../formats/saved-model/last-operation.js';
import type { SavedModelInfo } from '../formats/saved-model/read-saved-model.js';
import { stateEnd } from './describe-plan.js';
import type { Facts } from './facts.js';
import { pickPort, stateInput } from './ports.js';

/** States what the signature of a SavedModel says.
 * @throws FoveaError `model_invalid` for channels first, which TensorFlow's kernels for CPUs do not take; `facts_missing`
 * when an output must be chosen */
export function stateSavedModel(facts: Facts, { input, outputs, graph }: SavedModelInfo): void {
  const output = pickPort(facts, outputs, 'output');
  if (outputs.length > 1) facts.state('output_name', output.name, 'the signature');
  if (input.dims !== undefined) stateInput(facts, input.name, input.dims);
  facts.state('layout', 'nhwc', 'TensorFlow');
  if (facts.get('layout') === 'nchw')
    throw new FoveaError(
      'model_invalid',
      `The input ${input.name} has its channels first: export the model with channels last.`,
    );
  if (input.type === 'uint8') facts.state('scaling', { scale: [1], offset: [0] }, 'the input is uint8');
  const classes = output.dims?.at(-1);
  if (classes !== undefined && classes > 0) facts.state('outputs', classes, 'the signature');
  const last = lastOperation(graph, output.tensor);
  if (last === 'Softmax') stateEnd(facts, 'probabilities');
  if (last === 'Sigmoid') stateEnd(facts, 'scores');
}
