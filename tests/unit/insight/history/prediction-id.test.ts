import t from 'tap';
import {
  firstKeyAt,
  fromKey,
  newPredictionId,
  predictionIdOf,
  timeMsOf,
  toKey,
} from '../../../../src/insight/history/prediction-id.js';

const DIGEST = Uint8Array.from({ length: 32 }, (_, i) => i * 8);

t.test('ids are UUIDs of version 7 in the order in which they were made', (t) => {
  const ids = Array.from({ length: 5000 }, newPredictionId);
  t.ok(ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)));
  t.ok(ids.every((id, i) => i === 0 || id > (ids[i - 1] ?? '')));
  t.equal(new Set(ids).size, ids.length);
  t.end();
});

t.test('an id holds its time and survives being a key', (t) => {
  const id = predictionIdOf(1_740_000_000_123, DIGEST);
  t.equal(timeMsOf(toKey(id)), 1_740_000_000_123);
  t.equal(fromKey(toKey(id)), id);
  t.end();
});

t.test('the same thing has the same id, another one another', (t) => {
  t.equal(predictionIdOf(5, DIGEST), predictionIdOf(5, Uint8Array.from(DIGEST)));
  t.not(predictionIdOf(5, DIGEST), predictionIdOf(6, DIGEST));
  t.not(
    predictionIdOf(5, DIGEST),
    predictionIdOf(
      5,
      DIGEST.map((byte) => byte ^ 1),
    ),
  );
  t.end();
});

t.test('keys of a time lie between its first key and the next', (t) => {
  const key = toKey(predictionIdOf(1000, DIGEST));
  t.ok(firstKeyAt(1000).compare(key) < 0 && key.compare(firstKeyAt(1001)) < 0);
  t.same(firstKeyAt(-5), Buffer.alloc(16));
  t.equal(timeMsOf(firstKeyAt(Number.MAX_SAFE_INTEGER)), 2 ** 48 - 1);
  t.end();
});
