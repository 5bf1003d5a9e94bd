/*
 * A process of its own with few file handles, all of which it uses up. Prints what the parts under test made of it.
 */
import { closeSync, openSync } from 'node:fs';
import { openHistory } from '../../src/insight/history/open-history.js';
import { FoveaError } from '../../src/platform/errors.js';
import { HandleReserve } from '../../src/platform/handle-reserve.js';
import { SqliteDatabase } from '../../src/platform/sqlite/driver.js';

const [path = ''] = process.argv.slice(2);
const events: string[] = [];
const reserve = new HandleReserve({
  onOut: ({ code }) => events.push(code),
  onFree: () => events.push('free'),
  checkMs: 3_600_000,
});

// As in a server that runs.
new SqliteDatabase(':memory:').close();
const handles: number[] = [];
function takeAll(): void {
  try {
    for (;;) handles.push(openSync('/dev/null', 'r'));
  } catch {
    // None is left.
  }
}

takeAll();
reserve.check();
const isOut = reserve.isOut;
// A handle of the reserve, as `accept` takes it.
closeSync(openSync('/dev/null', 'r'));
takeAll();
const history = await openHistory({
  path,
  durability: 'strict',
  maxQueuedRows: 10,
  maxRows: 0,
  maxAgeDays: 0,
  onProblem: () => undefined,
}).catch((error: unknown) => FoveaError.from(error));
for (const handle of handles) closeSync(handle);
reserve.check();
const code = history instanceof FoveaError ? history.code : 'opened';
console.log(JSON.stringify({ events, isOut, isOutAfterwards: reserve.isOut, history: code }));
process.exit(0);
