import { test } from 'tap';
import { UNDECODED } from '../../../../src/serving/instances/slab.js';
import { UndecodedFile } from '../../../../src/serving/undecoded-file.js';
import { BatcherRig, codeOf } from '../../../support/batching.js';

test('a file that the instance does not decode is passed back, and its neighbours are answered', async (t) => {
  const rig = new BatcherRig({ isOneTurn: true });
  const [file, undecoded, pixels] = [
    rig.addBytes(Uint8Array.of(4), 'file'),
    rig.addBytes(Uint8Array.of(5, 6), 'file'),
    rig.add(7),
  ];
  rig.clock.endTurn();
  const { slab, finish } = rig.batch(0);
  t.same([...slab.files].slice(0, 3), [1, 2, 0]);
  slab.files[1] = UNDECODED;
  await finish({ decodeMs: 2 });
  t.equal((await file).decodeMs, 2);
  t.ok((await undecoded.catch((error: unknown) => error)) instanceof UndecodedFile);
  t.equal((await pixels).decodeMs, undefined);
  t.same(rig.unserved, []);
});

test('pixels and floats never share a batch, and each batch has the type of its images', async (t) => {
  const rig = new BatcherRig({ capacity: 4, isOneTurn: true });
  rig.add(1);
  rig.addFloats([0.5, 2]);
  rig.add(3);
  rig.addFloats([4, 5]);
  rig.clock.endTurn();
  await rig.batch(0).finish();
  rig.clock.advance(20);
  t.same(
    rig.out.map(({ slab, rows }) => [slab.type, ...slab.input.subarray(0, 2 * rows)]),
    [
      ['uint8', 1, 1, 3, 1],
      ['float32', 0.5, 2, 4, 5],
    ],
  );
});

test('float16 becomes float32, and bytes may lie at any address', async (t) => {
  const rig = new BatcherRig({ isOneTurn: true });
  // 1.5 and -2 in float16, little-endian, behind one byte.
  const halves = Uint8Array.of(9, 0x00, 0x3e, 0x00, 0xc0).subarray(1);
  rig.addBytes(halves, 'float16');
  const floats = new Uint8Array(Uint8Array.of(9, ...new Uint8Array(Float32Array.of(7, 8).buffer))).subarray(
    1,
  );
  rig.addBytes(floats, 'float32');
  rig.clock.endTurn();
  t.same([...(rig.out[0]?.slab.input.subarray(0, 4) ?? [])], [1.5, -2, 7, 8]);
});

test('a number that is not finite fails its own image only, and costs no row', async (t) => {
  const rig = new BatcherRig({ isOneTurn: true });
  const bad = [rig.addFloats([Number.NaN, 1]), rig.addFloats([1, Number.NEGATIVE_INFINITY])];
  const good = rig.addFloats([3, 4]);
  for (const answer of bad) t.equal(await codeOf(answer), 'bad_request');
  rig.clock.endTurn();
  t.same(rig.left, [{ rows: 1, reason: 'idle' }]);
  await rig.batch(0).finish();
  t.same([...(await good).probabilities], [3, 4]);
  t.equal(rig.batcher.queuedRows, 0);
});
