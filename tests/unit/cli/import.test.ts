import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'tap';
import { MODEL_FIXTURES } from '../../support/imported-models.js';

const CLI = new URL('../../../src/cli/main.js', import.meta.url).pathname;

test('fovea import asks for facts one a line, and says why a version is not in FOVEA_MODELS_DIR', (t) => {
  const folder = t.testdir({ 'labels.txt': 'a\nb\nc\nd\n' });
  const env = {
    ...process.env,
    FOVEA_MODELS_DIR: join(folder, 'absent'),
    FOVEA_STATE_DIR: join(folder, 'state'),
  };
  const run = (...flags: string[]) =>
    spawnSync(process.execPath, [CLI, 'import', join(MODEL_FIXTURES, 'nested.keras'), ...flags], {
      env,
      encoding: 'utf8',
    });
  const asked = run();
  t.equal(asked.status, 1);
  t.match(asked.stderr, /^fovea: No file says, so state:\n {2}--/);
  const imported = run('--labels', join(folder, 'labels.txt'), '--resize', 'cover');
  t.equal(imported.status, 0, imported.stderr);
  t.match(imported.stdout, /state\/models\/nested\/1\nIt is not in FOVEA_MODELS_DIR \(/);
  t.end();
});
