import { writeFile } from 'node:fs/promises';
import { carryOutImport } from '../src/models/importing/carry-out-import.js';
import { importFieldsSchema } from '../src/models/importing/import-fields.js';
import { statedFacts } from '../src/models/importing/stated-facts.js';
import { type ImportEvent, importTaskSchema } from '../src/models/importing/uploads/import-task.js';
import { doOneTask } from '../src/platform/child/child-side.js';

/*
 * The import process reads the model of a client and tries it, because a crash or a lack of memory then fails only this
 * import. Where memory runs out, the kernel should end this process before the server.
 */

const ENDS_FIRST = '1000';

doOneTask<ImportEvent>(async (message, report) => {
  await writeFile('/proc/self/oom_score_adj', ENDS_FIRST).catch(() => undefined);
  const { path, fields, is_dry_run: isDryRun, settings } = importTaskSchema.parse(message);
  const facts = statedFacts(importFieldsSchema.parse(fields), 'fields');
  const { report: result } = await carryOutImport(path, facts, settings, {
    isDryRun,
    onStep: (line) => console.error(line),
  });
  report({ type: 'finished', result });
});
