import { existsSync } from 'node:fs';
import t, { type Test } from 'tap';
import { type ExpectedAnswer, prepareFlood } from '../../bench/flood/prepare.js';
import { runK6 } from '../../bench/flood/run-k6.js';
import type { FloodScenario } from '../../bench/flood/scenarios.js';
import type { FloodResult } from '../../bench/flood/summary.js';
import { k6Path } from '../../setup/k6.mjs';
import { startServer } from '../support/running-server.js';

const LOCUST: FloodScenario = {
  name: 'locust',
  title: 'Locust, 20 users without think time',
  script: 'locust.k6.js',
  env: { FLOOD_USERS: '20', FLOOD_THINKS: 'false' },
};
const MIXED: FloodScenario = {
  name: 'mixed',
  title: 'Whole API',
  script: 'mixed.k6.js',
  env: { FLOOD_USERS: '20' },
};

const STREAM: FloodScenario = {
  name: 'stream',
  title: 'WebSocket',
  script: 'stream.k6.js',
  env: { FLOOD_STEPS: '2', FLOOD_FRAMES_IN_FLIGHT: '8' },
};

const k6 = await k6Path('.', process.env);
const skip = existsSync(k6)
  ? false
  : `there is no k6 at ${k6}; node setup/setup.mjs --k6 builds it, which takes Go`;

/** All floods share this server. */
const server = skip === false ? await startServer(t, { FOVEA_RATE_LIMIT_ENABLED: 'false' }) : undefined;

async function flood(
  t: Test,
  scenario: FloodScenario,
  distort?: (answer: ExpectedAnswer) => ExpectedAnswer,
): Promise<FloodResult> {
  const options = {
    url: server?.url ?? '',
    folder: t.testdir({}),
    tolerance: 0.001,
    ...(distort && { distort }),
  };
  const { file } = await prepareFlood(options);
  return runK6({ k6, scenario, requestsFile: file, secondsPerPhase: 2 });
}

t.test('under the old Locust scenario every answer is right', { skip }, async (t) => {
  const result = await flood(t, LOCUST);
  t.same(result.broken, [], result.words);
  t.match(result, { wrong: 0, failed: 0 });
  t.ok(result.right > 0);
  t.same(
    result.phases.map(({ name }) => name),
    ['single', 'batches'],
  );
  t.ok(result.phases.every(({ requests, p99Ms }) => requests > 0 && p99Ms > 0));
  t.hasOwnProps(result.serverTimings, ['decode', 'inference', 'queue']);
});

t.test('under a mix of the whole API every answer is right', { skip }, async (t) => {
  const result = await flood(t, MIXED);
  t.same(result.broken, [], result.words);
  t.match(result, { wrong: 0, failed: 0 });
  t.ok(result.right > 0);
});

t.test('over WebSockets every answer is right', { skip }, async (t) => {
  const result = await flood(t, STREAM);
  t.same(result.broken, [], result.words);
  t.match(result, { wrong: 0, failed: 0 });
  t.match(result.phases, [{ name: 'connections_2' }]);
  t.ok(result.right > 16);
  t.equal(result.phases[0]?.requests, result.right);
});

t.test('an answer other than the image’s own breaks the flood', { skip }, async (t) => {
  const otherConfidence = (answer: ExpectedAnswer): ExpectedAnswer => ({
    ...answer,
    confidence: answer.confidence - 0.01,
  });
  const result = await flood(t, LOCUST, otherConfidence);
  t.ok(result.broken.includes('wrong_answers count==0'));
  t.equal(result.right, 0);
  t.ok(result.wrong > 0);
});
