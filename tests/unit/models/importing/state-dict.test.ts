import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { Call, readPickle } from '../../../../src/models/importing/pytorch/pickle.js';
import { readStateDict } from '../../../../src/models/importing/pytorch/state-dict.js';
import { MODEL_FIXTURES } from '../../../support/imported-models.js';

/** By torch.save without zip: a permuted tensor, one that starts inside its storage, an int64 counter. */
const FILE = readFileSync(join(MODEL_FIXTURES, 'legacy.pth'));

test('float weights are read row-major, whatever the order of axes in the file', (t) => {
  const weights = readStateDict(FILE);
  t.same([...weights.keys()], ['conv.weight', 'norm.bias', 'part']);
  t.same(weights.get('conv.weight')?.shape, [4, 2, 3]);
  t.same([...(weights.get('conv.weight')?.values ?? [])].slice(0, 7), [0, 4, 8, 12, 16, 20, 1]);
  t.same([...(weights.get('norm.bias')?.values ?? [])], [0.5, -1.25]);
  t.same([...(weights.get('part')?.values ?? [])], [4, 5]);
  t.end();
});

test('a file that is cut off or changed is refused or read, and never more', (t) => {
  for (let length = 0; length < FILE.length; length += 13)
    t.throws(() => readStateDict(FILE.subarray(0, length)), { code: 'model_invalid' }, `${length} bytes`);
  for (let place = 0; place < FILE.length; place++) {
    const changed = Uint8Array.from(FILE);
    changed[place] = 255 - (changed[place] ?? 0);
    try {
      readStateDict(changed);
    } catch (error) {
      t.match(error, { code: 'model_invalid' }, `byte ${place}`);
    }
  }
  t.end();
});

test('a pickle that would run a command only names it', (t) => {
  const attack = new TextEncoder().encode('cposix\nsystem\n(X\x02\0\0\0lstR.');
  t.same(readPickle(attack, 0).value, new Call('posix.system', ['ls']));
  t.throws(() => readPickle(new TextEncoder().encode('i__main__\nx\n.'), 0), { code: 'model_invalid' });
  t.end();
});
