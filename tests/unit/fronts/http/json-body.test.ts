import t from 'tap';
import { z } from 'zod';
import { imageJsonSchema } from '../../../../src/fronts/http/image-body.js';
import { parseJsonBody } from '../../../../src/fronts/http/json-body.js';
import { FoveaError } from '../../../../src/platform/errors.js';

/** The refusal's message and lines. */
function refusalOf(schema: z.ZodType, body: unknown): { message: string; problems: unknown } {
  try {
    parseJsonBody(schema, Buffer.from(JSON.stringify(body)), '{"image": "<base64>"}');
    return { message: '', problems: [] };
  } catch (error) {
    const { message, details } = FoveaError.from(error);
    return { message, problems: details.problems };
  }
}

t.test('an unknown field is refused with the nearest known name', (t) => {
  t.same(refusalOf(imageJsonSchema, { image: 'AAAA', topk: 3, imgae: '' }).problems, [
    'topk: unknown field; did you mean image?',
    'imgae: unknown field; did you mean image?',
  ]);
  t.match(refusalOf(imageJsonSchema, { imagee: 'AAAA' }), {
    message: 'The body must be {"image": "<base64>"}; image: ',
    problems: [/^image: /, 'imagee: unknown field; did you mean image?'],
  });
  t.same(refusalOf(z.strictObject({}), { a: 1 }).problems, ['a: unknown field; this object has no fields']);
  t.end();
});

t.test('and so is one in an object inside', (t) => {
  const nested = z.strictObject({
    list: z.array(z.strictObject({ weight: z.number().optional() })).optional(),
  });
  t.same(refusalOf(nested, { list: [{ wieght: 1 }] }).problems, [
    'list.0.wieght: unknown field; did you mean weight?',
  ]);
  t.end();
});
