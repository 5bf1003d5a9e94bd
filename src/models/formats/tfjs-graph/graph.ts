import { z } from 'zod';
import { FoveaError } from '../../../platform/errors.js';

/** Protobuf's 64-bit numbers are strings in JSON. */
const whole = z.union([
  z.int(),
  z
    .string()
    .regex(/^-?\d{1,15}$/)
    .transform(Number),
]);

const dimensions = z.looseObject({
  unknownRank: z.boolean().optional(),
  dim: z.array(z.looseObject({ size: whole.optional() })).optional(),
});

const attribute = z.looseObject({
  /** base64 */
  s: z.string().optional(),
  i: whole.optional(),
  f: z.number().optional(),
  b: z.boolean().optional(),
  shape: dimensions.optional(),
  list: z.looseObject({ s: z.array(z.string()).optional(), i: z.array(whole).optional() }).optional(),
});

const nodeSchema = z.looseObject({
  name: z.string(),
  op: z.string(),
  /** `<node>`, `<node>:<output>`, or `^<node>` for a node that must only run before. */
  input: z.array(z.string()).default([]),
  attr: z.record(z.string(), attribute).default({}),
});

const graphSchema = z.looseObject({ node: z.array(nodeSchema).min(1) });

const signatureSchema = z.looseObject({
  inputs: z
    .record(z.string(), z.looseObject({ name: z.string(), tensorShape: dimensions.optional() }))
    .default({}),
  outputs: z.record(z.string(), z.looseObject({ name: z.string() })).default({}),
});

const described = z.looseObject({
  signature: signatureSchema.optional(),
  userDefinedMetadata: z.looseObject({ signature: signatureSchema.optional() }).optional(),
});

export type GraphNode = z.infer<typeof nodeSchema>;

/** A named end of a graph. */
export interface Port {
  /** What the model's signature calls it, else the node's name. */
  readonly name: string;
  readonly node: string;
  /** Of an input, with the rows in front; -1 for sizes that are not fixed; undefined where nothing says. */
  readonly dims?: readonly number[] | undefined;
}

/** The graph of a tfjs GraphModel, without its weights. */
export interface Graph {
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

/** @param json the content of model.json
 * @throws FoveaError `model_invalid` */
export function readGraph(json: { readonly modelTopology: unknown }): Graph {
  const parsed = graphSchema.safeParse(json.modelTopology);
  if (!parsed.success)
    throw new FoveaError(
      'model_invalid',
      `The graph of model.json cannot be read: ${z.prettifyError(parsed.error)}`,
      {
        cause: parsed.error,
      },
    );
  const nodes = new Map(parsed.data.node.map((node) => [node.name, node]));
  const about = described.safeParse(json).data;
  const signature = about?.signature ?? about?.userDefinedMetadata?.signature;
  const outputs = Object.entries(signature?.outputs ?? {}).map(([name, { name: tensor }]) => ({
    name,
    node: nodeOf(tensor),
  }));
  return {
    nodes,
    inputs: inputsOf(nodes, signature?.inputs ?? {}),
    outputs: outputs.length > 0 ? outputs : endsOf(nodes),
  };
}

/** The node of `<node>:<output>`. */
export function nodeOf(tensor: string): string {
  return tensor.replace(/:0$/, '');
}

function inputsOf(nodes: Graph['nodes'], stated: z.infer<typeof signatureSchema>['inputs']): Port[] {
  const named = Object.entries(stated).map(([name, { name: tensor, tensorShape }]) => {
    const node = nodeOf(tensor);
    return { name, node, dims: dimsOf(tensorShape ?? nodes.get(node)?.attr.shape?.shape) };
  });
  if (named.length > 0) return named;
  return [...nodes.values()]
    .filter(({ op }) => op === 'Placeholder')
    .map(({ name, attr }) => ({ name, node: name, dims: dimsOf(attr.shape?.shape) }));
}

/** The nodes that no other node reads. */
function endsOf(nodes: Graph['nodes']): Port[] {
  const read = new Set(
    [...nodes.values()].flatMap(({ input }) => input.map((name) => name.replace(/^\^|:\d+$/g, ''))),
  );
  return [...nodes.keys()].filter((name) => !read.has(name)).map((name) => ({ name, node: name }));
}

function dimsOf(shape: z.infer<typeof dimensions> | undefined): readonly number[] | undefined {
  return shape === undefined || shape.unknownRank === true
    ? undefined
    : shape.dim?.map(({ size = -1 }) => size);
}
