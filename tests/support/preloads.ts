import { once } from 'node:events';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { withoutLoaders } from '../../src/platform/thread-options.js';

/*
 * A process of its own: prints which preloads ran in a thread with Node's default options, and in one without loaders.
 * A preload appends its name to `globalThis.preloads`.
 */

if (isMainThread) {
  for (const options of [{}, withoutLoaders()]) {
    const [preloads] = await once(new Worker(new URL(import.meta.url), options), 'message');
    console.log(JSON.stringify(preloads));
  }
} else {
  parentPort?.postMessage(Reflect.get(globalThis, 'preloads') ?? []);
}
