import { once } from 'node:events';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { test } from 'tap';
import { withoutLoaders } from '../../../src/platform/thread-options.js';

const REPORTER = new URL('../../support/module-loader.js', import.meta.url);

async function loaderIn(options: WorkerOptions): Promise<string> {
  const [loader] = await once(new Worker(REPORTER, options), 'message');
  return String(loader);
}

test('a thread starts without the loaders that NODE_OPTIONS and the command line bring', async (t) => {
  t.not(await loaderIn(withoutLoaders()), await loaderIn({}), 'the loader of tap stays out');
});
