import t from 'tap';
import { errorReply } from '../../../../src/fronts/http/reply.js';
import { chooseRequestId } from '../../../../src/fronts/http/request-id.js';
import { ERROR_STATUS } from '../../../../src/fronts/http/status.js';
import { ERROR_CODES, FoveaError } from '../../../../src/platform/errors.js';

t.test('every error code has a status, and those of a busy server say when to come back', async (t) => {
  t.same(new Set(Object.keys(ERROR_STATUS)), new Set<string>(ERROR_CODES));
  for (const [code, { status, retryAfterSeconds }] of Object.entries(ERROR_STATUS)) {
    t.equal(retryAfterSeconds !== undefined, status === 429 || status === 503, code);
  }
});

t.test('an error of unknown origin shows no more than the request id', async (t) => {
  const reply = errorReply(FoveaError.from(new Error('secret /path')), { id: 'id' });
  t.equal(reply.status, 500);
  t.match(JSON.parse(String(reply.body)), { code: 'internal', details: {}, request_id: 'id' });
  t.notMatch(reply.body, /secret/);
});

t.test('a request id of the client is kept when it is harmless', async (t) => {
  t.equal(chooseRequestId('trace-1.a_b:c'), 'trace-1.a_b:c');
  for (const bad of ['', 'a b', 'a\nb', '"', 'x'.repeat(129)])
    t.match(chooseRequestId(bad), /^[0-9a-f-]{36}$/);
});
