import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'tap';

const read = (file: string): string => readFileSync(`native/${file}`, 'utf8');
const sourcesOf = (text: string, form: RegExp): string[] =>
  [...text.matchAll(form)].map(([, file = '']) => file);

test('each source of native/ is compiled exactly once, alone or as a part of a file in joined/', (t) => {
  const compiled = sourcesOf(read('binding.gyp'), /'([\w/]+\.cc)'/g);
  const parts = compiled
    .filter((file) => file.startsWith('joined/'))
    .flatMap((file) => sourcesOf(read(file), /#include "\.\.\/(\w+\.cc)"/g));
  const alone = compiled.filter((file) => !file.startsWith('joined/'));
  const files = readdirSync('native').filter((file) => file.endsWith('.cc'));
  t.same(new Set([...alone, ...parts]), new Set(files));
  t.equal(alone.length + parts.length, files.length);
  const joined = compiled.filter((file) => file.startsWith('joined/')).map((file) => basename(file));
  t.same(new Set(joined), new Set(readdirSync('native/joined')));
  t.end();
});
