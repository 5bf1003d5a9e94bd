import { FoveaError } from '../../../platform/errors.js';
import type { FunctionBody, MetaGraph, Node } from './generated/saved-model-pb.js';

/**
 * Operations that run code, read or write files, talk to other machines, or end the process: a SavedModel is a program, and
 * TensorFlow runs all of it.
 * @source the operations of TensorFlow 2.21, by name
 */
const FORBIDDEN: readonly RegExp[] = [
  /PyFunc/,
  /^(ReadFile|WriteFile|MatchingFiles|ImmutableConst|InitializeTableFromTextFile|LoadAndRemapMatrix|GenerateVocabRemapping)/,
  /(Reader|ReaderV2|Dataset|DatasetV\d|SummaryWriter)$/,
  /^(Print|PrintV2|WriteSummary|WriteScalarSummary|DecodeProto|EncodeProto|DumpTensor)/,
  /^Debug|^_?(Host)?(Send|Recv)$|^Rpc|^Collective|^RemoteCall|^Tpu|^TPU|^Abort$|^Bigtable|^BigQuery|^Kafka/,
];

/** Operations by which TensorFlow saves and restores variables: they take any path. */
const SAVING = /^(Save|SaveV2|SaveSlices|MergeV2Checkpoints)$/;
const INITIALIZERS = ['saved_model_main_op', 'legacy_init_op'];
const RESTORING = /^(Restore|RestoreV2|RestoreSlice)$/;

/** Refuses a graph with forbidden operations. Operations that save or restore variables take any path; they are allowed only
 * where no signature and no initializer runs them, because TensorFlow's loader restores the variables of the version's folder.
 * @throws FoveaError `model_invalid` naming the operation */
export function requireHarmless(graph: MetaGraph): void {
  const program = new Program(graph);
  for (const node of program.all())
    if (FORBIDDEN.some((pattern) => pattern.test(node.op))) throw refusal(node, 'no model may do');
  const ends = Object.values(graph.signatureDef).flatMap(({ outputs }) =>
    Object.values(outputs).map(({ name }) => name),
  );
  // The loader runs the initializers of old files, too.
  const initializers = INITIALIZERS.flatMap((name) => graph.collectionDef[name]?.nodeList?.value ?? []);
  for (const node of program.reachedFrom([...ends, ...initializers]))
    if (SAVING.test(node.op) || RESTORING.test(node.op))
      throw refusal(node, 'no signature or initializer may do');
  const { restoreOpName: restore = '' } = graph.saverDef ?? {};
  for (const node of program.reachedFrom([restore]))
    if (SAVING.test(node.op)) throw refusal(node, 'loading may not do');
}

class Program {
  readonly #top: ReadonlyMap<string, Node>;
  readonly #functions: ReadonlyMap<string, FunctionBody>;

  constructor({ graphDef }: MetaGraph) {
    this.#top = new Map(graphDef?.node.map((node) => [node.name, node]));
    this.#functions = new Map(graphDef?.library?.function.map((body) => [body.signature?.name ?? '', body]));
  }

  *all(): Generator<Node> {
    yield* this.#top.values();
    for (const { nodeDef } of this.#functions.values()) yield* nodeDef;
  }

  /** The nodes that these values need, with all nodes of the functions that they call.
   * @param names of nodes, or of tensors such as `node:0` */
  *reachedFrom(names: readonly string[]): Generator<Node> {
    const waiting = names.map(bare);
    const called: string[] = [];
    const seen = new Set<string>();
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      const node = this.#top.get(name);
      if (node === undefined || seen.has(name)) continue;
      seen.add(name);
      yield node;
      waiting.push(...node.input.map(bare));
      called.push(...callsOf(node));
    }
    const entered = new Set<string>();
    for (let name = called.pop(); name !== undefined; name = called.pop()) {
      if (entered.has(name)) continue;
      entered.add(name);
      for (const node of this.#functions.get(name)?.nodeDef ?? []) {
        yield node;
        called.push(...callsOf(node));
      }
    }
  }
}

/** Functions are attributes, or the operation itself. */
function callsOf({ op, attr }: Node): string[] {
  const inAttributes = Object.values(attr).flatMap(({ func, list }) => [
    ...(func === undefined ? [] : [func.name]),
    ...(list?.func ?? []).map(({ name }) => name),
  ]);
  return [op, ...inAttributes];
}

/** `^node` and `node:1` → `node` */
function bare(name: string): string {
  return name.replace(/^\^/, '').replace(/:\d+$/, '');
}

function refusal({ name, op }: Node, whose: string): FoveaError {
  return new FoveaError(
    'model_invalid',
    `The node ${name} is a ${op}, which ${whose}: it runs code, touches files or leaves this machine. Export the model without it.`,
  );
}
