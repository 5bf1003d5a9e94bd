import type { CatalogueEvent } from '../src/learning/catalogue/catalogue-schema.js';
import { changeCatalogue } from '../src/learning/catalogue/change.js';
import { doOneTask } from '../src/platform/child/child-side.js';

/*
 * The catalogue process applies one change. It unpacks archives and decodes images of clients, because a crash or a lack of
 * memory then fails only this change.
 */

doOneTask<CatalogueEvent>(async (message, report) => {
  report({ type: 'finished', result: await changeCatalogue(message) });
});
