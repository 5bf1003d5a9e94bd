import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openAddon } from '../../native/index.js';

/** V8's own limit is eight times this: room for short-lived objects that only the main thread makes in numbers. */
const WORKER_SEMI_SPACE_MEGABYTES = 2;

/** How much garbage may lie beside what is alive before all is collected; V8 by itself lets it grow to four times that. */
const GARBAGE_PERCENT = 100;

/** Keeps the threads small that start from now on, and lets garbage lie nowhere for long. To be called before the first
 * one. The main thread's room for short-lived objects and the number of glibc's arenas, each of which keeps what its
 * thread once needed, are settled as Node starts: by `npm start` and the first line of `cli/main.ts`. */
export function spareMemory(): void {
  setFlagsFromString(`--max-semi-space-size=${WORKER_SEMI_SPACE_MEGABYTES}`);
  setFlagsFromString(`--heap-growing-percent=${GARBAGE_PERCENT}`);
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
