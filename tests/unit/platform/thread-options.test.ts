import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { test } from 'tap';

const SCRIPT = fileURLToPath(new URL('../../support/preloads.js', import.meta.url));

function preload(name: string): string {
  const script = `(globalThis.preloads ??= []).push('${name}')`;
  return `--import=data:text/javascript,${encodeURIComponent(script)}`;
}

test('a thread starts without the loaders that NODE_OPTIONS and the command line bring', async (t) => {
  const env = { ...process.env, NODE_OPTIONS: preload('environment') };
  const command = [preload('command'), SCRIPT];
  const { stdout } = await promisify(execFile)(process.execPath, command, { env });
  const [byDefault, without] = stdout.split('\n');
  t.equal(byDefault, '["environment","command"]');
  t.equal(without, '[]');
});
