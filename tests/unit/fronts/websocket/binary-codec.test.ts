import t from 'tap';
import {
  decodeServerFrame,
  encodeAuthentication,
  encodeRequest,
} from '../../../../clients/typescript/src/frames.js';
import { BinaryCodec } from '../../../../src/fronts/websocket/stream/binary-codec.js';
import {
  ANSWERS,
  documentedBytes,
  FAILURE,
  PIXELS_REQUEST,
  PLAIN_REQUEST,
} from '../../../support/stream-examples.js';

const codec = new BinaryCodec();

/** As it arrives: an ArrayBuffer of its own. */
function arrived(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}

function read(bytes: Uint8Array) {
  return codec.read(new Uint8Array(arrived(bytes)), true);
}

t.test(
  'the documented requests are read as the page says, and the client writes the same bytes',
  async (t) => {
    const file = documentedBytes('one image file');
    t.same(read(file), {
      kind: 'predict',
      request: {
        ...PLAIN_REQUEST,
        id: 1,
        images: { kind: 'encoded', bytes: Buffer.from([0xff, 0xd8, 0xff, 0xe0]) },
      },
    });
    const bytes = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0]);
    t.equal(Buffer.from(encodeRequest({ id: 1, format: 'file', images: 1, bytes })).compare(file), 0);

    const pixels = documentedBytes('two images as pixels, with every option');
    t.same(read(pixels), { kind: 'predict', request: PIXELS_REQUEST });
    const { images, model, version, topK, deadlineMs, video, smoothing } = PIXELS_REQUEST;
    const options = { model, version, topK, deadlineMs, video, smoothing, isDroppable: true, wantsIds: true };
    const frame = encodeRequest({ ...options, id: 7, format: 'pixels', images: 2, bytes: images.bytes });
    t.equal(Buffer.from(frame).compare(pixels), 0);

    const key = documentedBytes('authentication');
    t.same(read(key), { kind: 'authenticate', id: 0, key: 'my key' });
    t.equal(Buffer.from(encodeAuthentication('my key')).compare(key), 0);
  },
);

t.test('the server writes the documented answers, and the client reads them', async (t) => {
  for (const [name, answered] of Object.entries(ANSWERS))
    t.equal(codec.answer(answered).toString('hex'), documentedBytes(name).toString('hex'), name);
  t.equal(codec.error(FAILURE).toString('hex'), documentedBytes('error').toString('hex'));

  const clientReads = (name: string) => decodeServerFrame(arrived(documentedBytes(name)));
  const [first, second] = [
    [0.25, 0.75],
    [0.5, 0.5],
  ].map((values) => Float32Array.from(values));
  t.same(clientReads('answer with probabilities'), {
    kind: 'answer',
    id: 7,
    version: 4,
    images: [{ probabilities: first }, { probabilities: second }],
  });
  const predictionId = '01900000-0000-7000-8000-000000000001';
  t.same(clientReads('answer with the likeliest class and ids'), {
    kind: 'answer',
    id: 7,
    version: 4,
    images: [
      { ranked: [{ classIndex: 1, confidence: 0.75 }], predictionId },
      { ranked: [{ classIndex: 0, confidence: 0.5 }], predictionId },
    ],
  });
  const partial = clientReads('answer of which one image failed');
  t.match(partial, { images: [{ probabilities: first }, { code: 'engine_failed', status: 500 }] });
  t.match(clientReads('error'), {
    kind: 'error',
    id: 9,
    error: { code: 'rate_limited', status: 429, details: { window: 64 }, requestId: 'c:9' },
  });
});

t.test('a malformed frame is answered under its id, or under 0 when it has none', async (t) => {
  const good = documentedBytes('two images as pixels, with every option');
  const change = (offset: number, byte: number): Buffer => {
    const bytes = Buffer.from(good);
    bytes[offset] = byte;
    return bytes;
  };
  const cases: [string, Buffer, number][] = [
    ['an empty frame', Buffer.alloc(0), 0],
    ['a cut header', good.subarray(0, 31), 0],
    ['an unknown type', change(0, 9), 7],
    ['an unknown format', change(1, 2), 7],
    ['an unknown flag', change(2, 4), 7],
    ['the id of the connection', change(4, 0), 0],
    ['no image', change(8, 0), 7],
    ['several files', change(1, 0), 7],
    ['a name longer than the frame', change(19, 0xff), 7],
    ['a reserved byte', change(31, 1), 7],
  ];
  for (const [name, bytes, id] of cases)
    t.match(read(bytes), { kind: 'malformed', id, error: { code: 'bad_request' } }, name);
  t.match(codec.read(good, false), { kind: 'malformed', id: 0 }, 'a text frame');
});

t.test('no bytes make the reader throw', async () => {
  let state = 1;
  const random = (): number => {
    state = (state * 48271) % 0x7fff_ffff;
    return state;
  };
  for (let round = 0; round < 2000; round++) {
    const bytes = Uint8Array.from({ length: random() % 80 }, () => random() & 0xff);
    if (bytes.length > 0) bytes[0] = random() % 3;
    codec.read(bytes, true);
  }
});
