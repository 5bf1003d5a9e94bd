import type { CatalogueEvent } from '../src/learning/catalogue/catalogue-schema.js';
import { changeCatalogue } from '../src/learning/catalogue/change.js';
import { FoveaError } from '../src/platform/errors.js';

/*
 * The catalogue process: makes one change, says how it went, and exits. What strangers packed and drew is unpacked and
 * decoded here, where a crash or a lack of memory costs nothing but this change.
 */

function send(event: CatalogueEvent): Promise<void> {
  return new Promise((resolve) => {
    // A parent that is gone hears nothing.
    if (process.connected && process.send !== undefined) process.send(event, () => resolve());
    else resolve();
  });
}

async function run(message: unknown): Promise<void> {
  // Nobody waits for a server that has gone; its next start takes away what is left.
  const endWithParent = (): never => process.exit(1);
  process.once('disconnect', endWithParent);
  try {
    await send({ type: 'finished', result: await changeCatalogue(message) });
    process.exitCode = 0;
  } catch (error) {
    const known = FoveaError.from(error);
    if (known.cause !== undefined) console.error(known.cause);
    await send({ type: 'failed', error: known.toWire() });
    process.exitCode = 1;
  }
  process.off('disconnect', endWithParent);
  if (process.connected) process.disconnect();
}

process.once('message', (message) => void run(message));
