import t from 'tap';
import { JsonCodec } from '../../../../src/fronts/websocket/stream/json-codec.js';
import { ANSWERS, PLAIN_REQUEST } from '../../../support/stream-examples.js';

function reader() {
  const codec = new JsonCodec({ maxListedClasses: 20 });
  return {
    text: (value: unknown) =>
      codec.read(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), false),
    bytes: (...bytes: number[]) => codec.read(Uint8Array.from(bytes), true),
  };
}

const PLAIN = { ...PLAIN_REQUEST, wantsIds: true };

t.test('an image comes as base64, or in the binary frame that follows', async (t) => {
  const { text, bytes } = reader();
  t.same(text({ type: 'predict', id: 1, image: '/9j/' }), {
    kind: 'predict',
    request: { ...PLAIN, id: 1, images: { kind: 'encoded', bytes: Buffer.from([0xff, 0xd8, 0xff]) } },
  });
  t.equal(text({ type: 'predict', id: 2, binary: 'image', top_k: 3, droppable: true, video: 5 }), undefined);
  t.same(bytes(1, 2), {
    kind: 'predict',
    request: {
      ...PLAIN,
      id: 2,
      topK: 3,
      isDroppable: true,
      video: 5,
      images: { kind: 'encoded', bytes: Uint8Array.from([1, 2]) },
    },
  });
  t.equal(text({ type: 'predict', id: 3, binary: 'pixels', images: 2 }), undefined);
  t.match(bytes(1, 2), { request: { id: 3, images: { kind: 'pixels', count: 2 } } });
  t.same(text({ type: 'authenticate', key: 'k' }), { kind: 'authenticate', id: 0, key: 'k' });
});

t.test('a wrong message is answered under its id', async (t) => {
  const { text, bytes } = reader();
  const wrong: [unknown, number][] = [
    ['{', 0],
    ['null', 0],
    [{ type: 'predict', image: '/9j/' }, 0],
    [{ type: 'predict', id: 0, image: '/9j/' }, 0],
    [{ type: 'predict', id: 4 }, 4],
    [{ type: 'predict', id: 4, image: '/9j/', binary: 'image' }, 4],
    [{ type: 'predict', id: 4, image: '/9j/', images: 2 }, 4],
    [{ type: 'predict', id: 4, image: '/9j/', top_K: 2 }, 4],
    [{ type: 'subscribe', id: 4 }, 4],
  ];
  for (const [value, id] of wrong)
    t.match(text(value), { kind: 'malformed', id, error: { code: 'bad_request' } }, JSON.stringify(value));
  t.match(bytes(1), { kind: 'malformed', id: 0 }, 'a binary frame without request');
  t.equal(text({ type: 'predict', id: 5, binary: 'image' }), undefined);
  t.match(text({ type: 'predict', id: 6, image: '/9j/' }), { kind: 'malformed', id: 5 });
  t.match(bytes(1), { kind: 'malformed', id: 0 }, 'the request that it belonged to has failed');
});

t.test('an answer has one entry an image: a prediction as over HTTP, or an error', async (t) => {
  const codec = new JsonCodec({ maxListedClasses: 20 });
  const answer: unknown = JSON.parse(codec.answer(ANSWERS['answer of which one image failed']));
  t.match(answer, {
    type: 'answer',
    id: 7,
    status: 207,
    predictions: [
      { predicted_class: 'dog', all_probabilities: { cat: 0.25, dog: 0.75 }, request_id: 'c:7' },
      { status: 500, code: 'engine_failed' },
    ],
  });
});
