import util from 'node:util';
import t from 'tap';
import { z } from 'zod';

const removed = z.object({ isNullOrUndefined: z.function({ input: [z.unknown()], output: z.boolean() }) });

t.test('tfjs-node finds the functions that newer Node versions removed', async (t) => {
  Reflect.deleteProperty(util, 'isNullOrUndefined');
  await import('../../../../../src/models/engines/tensorflow/preload.js');
  const { isNullOrUndefined } = removed.parse(util);
  t.ok(isNullOrUndefined(null) && isNullOrUndefined(undefined));
  for (const value of [0, '', false, []]) t.notOk(isNullOrUndefined(value));
});
