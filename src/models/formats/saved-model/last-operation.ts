import type { FunctionBody, MetaGraph, Node } from './generated/saved-model-pb.js';

const DEEPEST = 64;
const PASSING: ReadonlySet<string> = new Set(['Identity', 'IdentityN', 'StopGradient']);

/** The operation that computes an output, behind copies and calls of functions; undefined where it is not found.
 * @param tensor `<node>:<output>` of the graph */
export function lastOperation({ graphDef }: MetaGraph, tensor: string): string | undefined {
  const functions = new Map(graphDef?.library?.function.map((body) => [body.signature?.name ?? '', body]));
  let nodes: readonly Node[] = graphDef?.node ?? [];
  let value = tensor;
  for (let depth = 0; depth < DEEPEST; depth++) {
    const [name, ...rest] = value.split(':');
    const index = Number(rest.at(-1) ?? 0);
    const node = nodes.find((candidate) => candidate.name === name);
    if (node === undefined) return undefined;
    const body = calledBy(node, functions);
    if (body !== undefined) {
      nodes = body.nodeDef;
      value = body.ret[body.signature?.outputArg[index]?.name ?? ''] ?? '';
    } else if (PASSING.has(node.op)) value = node.input[index] ?? '';
    else return node.op;
  }
  return undefined;
}

function calledBy(
  { op, attr }: Node,
  functions: ReadonlyMap<string, FunctionBody>,
): FunctionBody | undefined {
  return functions.get(attr.f?.func?.name ?? op);
}
