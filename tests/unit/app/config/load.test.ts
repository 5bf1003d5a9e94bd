import { join } from 'node:path';
import t from 'tap';
import { loadConfig, unknownSettings } from '../../../../src/app/config/load.js';
import { FoveaError } from '../../../../src/platform/errors.js';

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env);
  } catch (error) {
    const { code, details } = FoveaError.from(error);
    return code === 'config_invalid' && Array.isArray(details.problems) ? details.problems : [];
  }
  return [];
}

t.test('an empty environment gives the defaults, frozen', async (t) => {
  const config = loadConfig({});
  t.equal(config.http.port, 5000);
  t.equal(config.http.maxBodyBytes, 16 * 1024 * 1024);
  t.equal(config.inference.engine, 'auto');
  t.ok(config.inference.instances >= 1);
  t.match(config.storage.cacheDir, /fovea$/);
  t.ok(Object.isFrozen(config));
  t.ok(Object.values(config).every(Object.isFrozen));
});

t.test('values are read, trimmed, and empty ones count as absent', async (t) => {
  const config = loadConfig({ FOVEA_PORT: ' 8080 ', FOVEA_MAX_QUEUE_DELAY_MS: '0.5', FOVEA_HOST: '' });
  t.equal(config.http.port, 8080);
  t.equal(config.inference.maxQueueDelayMs, 0.5);
  t.equal(config.http.host, loadConfig({}).http.host);
});

t.test('the names of the old service work, and ours win over them', async (t) => {
  const old = {
    HOST: '127.0.0.1',
    PORT: '7000',
    MODEL_DIR: '/m',
    MAX_CONTENT_LENGTH: '4096',
    RATE_LIMIT_ENABLED: 'False',
  };
  const config = loadConfig({ ...old, LOG_LEVEL: 'INFO' });
  t.match(config.http, { host: '127.0.0.1', port: 7000, maxBodyBytes: 4096 });
  t.equal(config.limits.isEnabled, false);
  t.equal(config.repository.modelsDir, '/m');
  t.equal(config.log.level, 'info');
  t.equal(loadConfig({ ...old, FOVEA_PORT: '7001' }).http.port, 7001);
  t.equal(loadConfig({ LOG_LEVEL: 'WARNING' }).log.level, 'warn');
  t.equal(loadConfig({ RATE_LIMIT_ENABLED: 'True' }).limits.isEnabled, true);
});

t.test(
  'a near miss of a setting fails and names the setting; other FOVEA_ names are a warning, the rest is none of ours',
  async (t) => {
    const [problem, ...rest] = problemsOf({ FOVEA_PROT: '1', HOME: '/', PORTS: 'x' });
    t.match(problem, /FOVEA_PROT.*FOVEA_PORT/);
    t.same(rest, []);
    for (const name of ['FOVEA_MODEL_DIR', 'FOVEA_LOGLEVEL', 'FOVEA_MAX_BATCHSIZE', 'FOVEA_INSTANCE']) {
      t.equal(problemsOf({ [name]: '1' }).length, 1, name);
      t.same(unknownSettings({ [name]: '1' }), [], name);
    }
    const others = { FOVEA_TEST: '1', FOVEA_REDIS_PASSWORD: 'x', FOVEA_NOPE: '1' };
    t.doesNotThrow(() => loadConfig(others));
    t.same(
      unknownSettings(others),
      Object.keys(others).map((name) => `${name} has no effect: it is not a setting.`),
    );
  },
);

t.test('a secret may lie in a file, and is never shown', async (t) => {
  const file = join(t.testdir({ url: ' postgres://fovea:s3cret@db/fovea\n' }), 'url');
  t.equal(loadConfig({ FOVEA_HISTORY_URL_FILE: file }).history.url, 'postgres://fovea:s3cret@db/fovea');
  t.equal(loadConfig({ FOVEA_REDIS_URL_FILE: file, FOVEA_REDIS_URL: '' }).limits.redisUrl.length, 32);
  t.same(unknownSettings({ FOVEA_HISTORY_URL_FILE: file }), []);
  t.match(problemsOf({ FOVEA_HISTORY_URL_FILE: '/nowhere' }), [/\/nowhere cannot be read \(ENOENT\)/]);
  const both = problemsOf({ FOVEA_HISTORY_URL: 'mysql://fovea:s3cret@db', FOVEA_HISTORY_URL_FILE: file });
  t.match(both, [/must not be given together/]);
  const wrong = problemsOf({ FOVEA_HISTORY_URL: 'mysql://fovea:s3cret@db' });
  t.match(wrong, [/^FOVEA_HISTORY_URL must be an address such as postgres:/]);
  t.notMatch(wrong.join(), /s3cret/);
  t.match(unknownSettings({ FOVEA_PORT_FILE: file }), [/has no effect/], 'only secrets');
});

t.test('all problems are reported at once', async (t) => {
  const problems = problemsOf({
    FOVEA_PORT: '70000',
    FOVEA_ENGINE: 'magic',
    FOVEA_MAX_BATCH_SIZE: '1.5',
    FOVEA_RATE_LIMIT_ENABLED: 'maybe',
    FOVEA_PRT: '1',
  });
  t.equal(problems.length, 5);
  t.ok(problems.some((problem) => /FOVEA_PORT.*0\.\.65535.*"70000"/.test(problem)));
});

t.test('an alias is named when its value is wrong', async (t) => {
  t.match(problemsOf({ PORT: 'x' }), [/^PORT: /]);
});

t.test('settings that contradict each other are refused', async (t) => {
  const contradictions: Record<string, string>[] = [
    { FOVEA_MAX_QUEUE_DELAY_MS: '10', FOVEA_REQUEST_TIMEOUT_MS: '10' },
    { FOVEA_MAX_QUEUE_ROWS: '10', FOVEA_MAX_BATCH_SIZE: '11', FOVEA_MAX_BATCH_IMAGES: '1' },
    { FOVEA_MAX_QUEUE_ROWS: '100', FOVEA_MAX_BATCH_IMAGES: '101' },
    { FOVEA_MAX_BUFFERED_BYTES: '4001', FOVEA_MAX_BODY_BYTES: '2001' },
    { FOVEA_MAX_DECODE_QUEUE_IMAGES: '1', FOVEA_DECODE_CONCURRENCY: '1', FOVEA_MAX_BATCH_IMAGES: '3' },
    { FOVEA_ENGINE: 'wasm', FOVEA_DEVICE: 'cuda' },
    { FOVEA_ENGINE: 'native', FOVEA_DEVICE: 'cuda' },
    { FOVEA_ENGINE: 'tensorflow', FOVEA_PRECISION: 'int8' },
  ];
  for (const env of contradictions) t.equal(problemsOf(env).length, 1, Object.keys(env).join(', '));
});

t.test(
  'what Kubernetes says of Services named fovea and fovea-redis is not taken for settings',
  async (t) => {
    const env = {
      FOVEA_PORT: 'tcp://10.0.0.1:5000',
      FOVEA_PORT_5000_TCP_ADDR: '10.0.0.1',
      FOVEA_SERVICE_HOST: '10.0.0.1',
      FOVEA_REDIS_SERVICE_HOST: '10.0.0.2',
      FOVEA_REDIS_SERVICE_PORT: '6379',
      FOVEA_REDIS_SERVICE_PORT_REDIS: '6379',
      FOVEA_REDIS_PORT: 'tcp://10.0.0.2:6379',
      FOVEA_REDIS_PORT_6379_TCP: 'tcp://10.0.0.2:6379',
      FOVEA_REDIS_PORT_6379_TCP_PROTO: 'tcp',
    };
    t.equal(loadConfig(env).http.port, 5000);
    t.same(unknownSettings(env), []);
  },
);
