import t from 'tap';
import { z } from 'zod';
import { parseQuery, refuseQuery } from '../../../../src/fronts/http/query.js';
import { pageQuerySchema } from '../../../../src/insight/history/history.js';
import { FoveaError } from '../../../../src/platform/errors.js';

/** The lines of the refusal; none when the query passes. */
function problemsOf(query: string, schema: z.ZodObject = pageQuerySchema): unknown {
  try {
    parseQuery(schema, query);
    return [];
  } catch (error) {
    return FoveaError.from(error).details.problems;
  }
}

t.test('each parameter has the type of its schema', (t) => {
  const query = 'limit=20&min_confidence=0.5&version=2&has_feedback=True&class=5&from=2026-01-01';
  t.same(parseQuery(pageQuerySchema, query), {
    limit: 20,
    min_confidence: 0.5,
    version: 2,
    has_feedback: true,
    class: '5',
    from: '2026-01-01',
  });
  t.equal(parseQuery(pageQuerySchema, '').limit, 50);
  t.end();
});

t.test('a time may be a date, or have an offset; a local time is ambiguous', (t) => {
  for (const time of [
    '2026-01-01',
    '2026-01-01T10:00:00Z',
    '2026-01-01T10:00:00.5%2B02:00',
    '2026-01-01T10:00Z',
    '2026-01-01T10:00:00+02:00',
    '2026-01-01T10:00+02:00',
  ]) {
    t.same(problemsOf(`from=${time}&to=${time}`), [], time);
  }
  for (const time of ['', 'today', '1', '2026-13-01', '2026-01-01T10:00:00']) {
    t.match(problemsOf(`from=${time}`), [/^from: expected a time/], time);
  }
  t.end();
});

t.test('what the schema does not allow is refused, empty values too', (t) => {
  for (const query of ['limit=0', 'limit=501', 'limit=1.5', 'limit=', 'limit=1e2', 'limit=%201']) {
    t.match(problemsOf(query), [/^limit: /], query);
  }
  for (const query of ['version=', 'version=x', 'has_feedback=', 'model=', 'before=x', 'min_confidence=2']) {
    t.match(problemsOf(query), [new RegExp(`^${query.split('=')[0]}: `)], query);
  }
  t.end();
});

t.test('an unknown parameter is refused with the nearest known name, a repeated one too', (t) => {
  t.same(problemsOf('clas=Dog'), ['clas: unknown parameter; did you mean class?']);
  t.same(problemsOf('limit=1&limit=2'), ['limit: given more than once']);
  t.same(problemsOf('toString=1', z.object({})), [
    'toString: unknown parameter; this endpoint has no parameters',
  ]);
  t.throws(() => refuseQuery('topk=3'), { code: 'bad_request' });
  t.doesNotThrow(() => refuseQuery(''));
  t.end();
});
