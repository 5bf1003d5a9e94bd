import { create, toBinary } from '@bufbuild/protobuf';
import { test } from 'tap';
import { SavedModelSchema } from '../../../../../src/models/formats/saved-model/generated/saved-model-pb.js';
import { readSavedModel } from '../../../../../src/models/formats/saved-model/read-saved-model.js';

const NODES = [
  { name: 'images', op: 'Placeholder' },
  {
    name: 'answer',
    op: 'StatefulPartitionedCall',
    input: ['images'],
    attr: { f: { func: { name: 'serve' } } },
  },
  { name: 'save', op: 'SaveV2', input: ['images'] },
];

interface More {
  readonly saverDef?: { readonly restoreOpName: string };
  readonly collectionDef?: Record<string, { nodeList: { value: string[] } }>;
}

/** @param called operation inside the function that the signature calls */
function savedModel(called: string, more: More = {}): Uint8Array {
  const port = (name: string) => ({ name: `${name}:0`, dtype: 1 });
  const serve = { signature: { name: 'serve' }, nodeDef: [{ name: 'inner', op: called }] };
  const graph = {
    metaInfoDef: { tags: ['serve'] },
    graphDef: { node: NODES, library: { function: [serve] } },
    signatureDef: {
      serving_default: { inputs: { images: port('images') }, outputs: { answer: port('answer') } },
    },
    ...more,
  };
  return toBinary(SavedModelSchema, create(SavedModelSchema, { metaGraphs: [graph] }));
}

test('saving is allowed where only TensorFlow could start it, and nowhere else', async (t) => {
  t.match(readSavedModel(savedModel('Softmax')), { signature: 'serving_default', input: { name: 'images' } });
  for (const op of ['SaveV2', 'RestoreV2', 'MergeV2Checkpoints'])
    t.throws(() => readSavedModel(savedModel(op)), {
      code: 'model_invalid',
      message: new RegExp(`inner is a ${op}`),
    });
  const initialized = { collectionDef: { saved_model_main_op: { nodeList: { value: ['save'] } } } };
  t.throws(() => readSavedModel(savedModel('Softmax', initialized)), { message: /save is a SaveV2/ });
  const restored = { saverDef: { restoreOpName: 'save' } };
  t.throws(() => readSavedModel(savedModel('Softmax', restored)), { message: /save is a SaveV2/ });
});

test('operations that run code, touch files or leave the machine are refused anywhere', async (t) => {
  for (const op of [
    'EagerPyFunc',
    'ReadFile',
    'WriteFile',
    'PrintV2',
    'TFRecordDataset',
    'TextLineReaderV2',
    'Abort',
  ])
    t.throws(() => readSavedModel(savedModel(op)), { code: 'model_invalid', message: new RegExp(op) });
});
