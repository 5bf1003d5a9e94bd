import type { TfjsModel } from '../formats/tfjs-files/tfjs-model.js';
import { compileGraph } from '../formats/tfjs-graph/compile.js';
import { type Graph, nodeOf } from '../formats/tfjs-graph/graph.js';
import { scalingInside, stateEnd, statePlan } from './describe-plan.js';
import type { Facts } from './facts.js';
import type { InnerScaling } from './inner-scaling.js';
import { pickPort, stateInput } from './ports.js';

/** States what a tfjs GraphModel says about its input and output.
 * @returns its own scaling; null where it takes images scaled, or no plan expresses it
 * @throws FoveaError `facts_missing` when an input or output must be chosen, `model_invalid` */
export function stateGraph(facts: Facts, graph: Graph, model: TfjsModel): InnerScaling | null {
  const input = pickPort(facts, graph.inputs, 'input');
  const output = pickPort(facts, graph.outputs, 'output');
  if (graph.inputs.length > 1) facts.state('input_name', input.name, 'the graph');
  if (graph.outputs.length > 1) facts.state('output_name', output.name, 'the graph');
  // tfjs has no kernel for channels first.
  facts.state('layout', 'nhwc', 'the graph');
  if (input.dims !== undefined) stateInput(facts, input.name, input.dims);
  const [size, channels] = [facts.get('size'), facts.get('channels')];
  if (size === undefined || channels === undefined) return null;
  const inputShape = [size.height, size.width, channels];
  const compiled = compileGraph(graph, model, { input, output, inputShape });
  if ('plan' in compiled) {
    statePlan(facts, compiled.plan);
    return scalingInside(compiled.plan);
  }
  const last = lastOf(graph, output.node);
  if (last === 'Softmax') stateEnd(facts, 'probabilities');
  if (last === 'Sigmoid') stateEnd(facts, 'scores');
  return null;
}

/** The operation that makes a value, without the copies behind it. */
function lastOf({ nodes }: Graph, name: string): string | undefined {
  let node = nodes.get(name);
  for (let steps = 0; steps < nodes.size && node?.op === 'Identity'; steps++)
    node = nodes.get(nodeOf(node.input[0] ?? ''));
  return node?.op;
}
