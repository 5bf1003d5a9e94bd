import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openAddon } from '../native/index.js';

/** V8's own limit is eight times this: room for short-lived objects that only the main thread makes in numbers. */
const WORKER_SEMI_SPACE_MEGABYTES = 2;

/** For threads that start from now on; the main thread keeps what V8 gave it. To be called before the first. */
export function spareMemoryInWorkers(): void {
  setFlagsFromString(`--max-semi-space-size=${WORKER_SEMI_SPACE_MEGABYTES}`);
}

/** Collects what a thread's start left behind. V8 would wait for more garbage, which a thread that only passes numbers
 * on hardly makes. Takes some ten milliseconds. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
}

/** The same, and gives the pages back to the system that are free then: glibc by itself keeps what lies below memory
 * still in use. */
export function releaseMemory(): void {
  collectGarbage();
  const opened = openAddon();
  if ('addon' in opened) opened.addon.trimHeap();
}
