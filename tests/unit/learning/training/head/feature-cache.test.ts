import { appendFileSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { FeatureCache, openFeatureCache } from '../../../../../src/learning/training/head/feature-cache.js';

const RECORD = 32 + 2 * 4;

t.test('features outlive the cache that wrote them; a record cut short is dropped', async (t) => {
  const options = { folder: t.testdir(), maxBytes: 10 * RECORD, key: 'a network', width: 2 };
  const first = new FeatureCache(options);
  first.write('image', 'whole', Float32Array.of(1, 2));
  first.write('image', 'mirrored', Float32Array.of(3, 4));
  first.close();
  const [name = ''] = readdirSync(options.folder);
  appendFileSync(join(options.folder, name), 'half a record');
  const second = new FeatureCache(options);
  const out = new Float32Array(2);
  t.ok(second.read('image', 'mirrored', out));
  t.same([...out], [3, 4]);
  t.notOk(second.read('another', 'whole', out));
  second.write('another', 'whole', Float32Array.of(5, 6));
  t.ok(second.read('another', 'whole', out));
  t.same([...out], [5, 6]);
  second.close();
  t.equal(statSync(join(options.folder, name)).size, 3 * RECORD);
  const other = new FeatureCache({ ...options, key: 'another network' });
  t.notOk(other.read('image', 'whole', out));
  other.close();
});

t.test('all networks together stay below the limit: what was used longest ago goes first', async (t) => {
  const options = { folder: t.testdir(), maxBytes: 3 * RECORD, width: 2 };
  const fill = (key: string, records: number) => {
    const cache = new FeatureCache({ ...options, key });
    for (let image = 0; image < records; image++) cache.write(`${image}`, 'whole', new Float32Array(2));
    cache.close();
  };
  const sizes = () => readdirSync(options.folder).map((name) => statSync(join(options.folder, name)).size);
  fill('old', 2);
  for (const name of readdirSync(options.folder)) utimesSync(join(options.folder, name), 1, 1);
  fill('new', 9);
  t.same(sizes(), [3 * RECORD], 'a network’s own file stops at the limit');
});

t.test('where the folder cannot be made, or nothing is to be kept, there is no cache', (t) => {
  const file = join(t.testdir({ file: '' }), 'file');
  const options = { folder: join(file, 'features'), maxBytes: RECORD, key: 'a network', width: 2 };
  t.equal(openFeatureCache(options), undefined);
  t.equal(openFeatureCache({ ...options, folder: t.testdirName, maxBytes: 0 }), undefined);
  t.end();
});
