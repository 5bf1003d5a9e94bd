import { setFlagsFromString } from 'node:v8';
import { openAddon } from '../../native/index.js';
import { collectGarbage } from './collect-garbage.js';

/** V8's default is 16 MB per thread; only the main thread allocates enough short-lived objects to use it. The main thread has
 * 4 MB (`npm start`): with 2 MB it collects twice as often, and 64 requests in flight are copied each time. */
const WORKER_SEMI_SPACE_MEGABYTES = 2;

/** Garbage, in percent of live objects, at which V8 collects the old generation; V8's default is up to 400. */
const GARBAGE_PERCENT = 100;

/** Limits the memory of threads that start from now on: call it before the first thread. `npm start` and the first line
 * of `cli/main.ts` set the main thread's semi-space and the number of glibc arenas, because both are fixed when Node
 * starts. */
export function spareMemory(): void {
  setFlagsFromString(`--max-semi-space-size=${WORKER_SEMI_SPACE_MEGABYTES}`);
  setFlagsFromString(`--heap-growing-percent=${GARBAGE_PERCENT}`);
}

/** Collects garbage and returns free pages to the system: glibc keeps free pages that lie below used ones. */
export function releaseMemory(): void {
  collectGarbage();
  const opened = openAddon();
  if ('addon' in opened) opened.addon.trimHeap();
}

/**
 * Keeps freed memory in the process from now on. By default glibc returns a training step's tensors to the kernel and gets zeroed
 * pages for the next step; with this a step takes two thirds of the time (`bench/training.bench.ts`).
 * @source mallopt(3)
 */
export function keepFreedMemory(): void {
  const opened = openAddon();
  if ('addon' in opened) opened.addon.keepFreedMemory();
}
