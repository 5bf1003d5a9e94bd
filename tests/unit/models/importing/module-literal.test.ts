import { test } from 'tap';
import { moduleLiteral } from '../../../../src/models/importing/packages/module-literal.js';

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

test('a long string in several lines is one string', (t) => {
  const source = "exports.NAMES = {\n  0: 'a, ' +\n    'b'\n};\n//# sourceMappingURL=x";
  t.same(moduleLiteral(source, 'exports.NAMES = '), { 0: 'a, b' });
  t.throws(() => moduleLiteral('exports.N = {a: 1 + 2}', 'exports.N = '), { code: 'model_invalid' });
  t.end();
});

test('code instead of data is refused', (t) => {
  for (const literal of ['{a:process.exit(1)}', '[...x]', '{get a(){return 1}}', '{[x]:1}', 'function(){}'])
    t.throws(() => moduleLiteral(bundled(literal)), { code: 'model_invalid' }, literal);
  t.throws(() => moduleLiteral('{'), { code: 'model_invalid' });
  t.end();
});
