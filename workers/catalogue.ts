import type { CatalogueEvent } from '../src/learning/catalogue/catalogue-schema.js';
import { changeCatalogue } from '../src/learning/catalogue/change.js';
import { doOneTask } from '../src/platform/child/child-side.js';

/*
 * The catalogue process makes one change. Archives and images of clients are unpacked and decoded here: a crash or a
 * lack of memory costs this change only.
 */

doOneTask<CatalogueEvent>(async (message, report) => {
  report({ type: 'finished', result: await changeCatalogue(message) });
});
