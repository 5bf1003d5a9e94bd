import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { z } from 'zod';
import { sharedDatabaseOf } from '../app/config/derived.js';
import type { Config } from '../app/config/schema.js';
import { readOldPredictions } from '../insight/history/old-predictions.js';
import { openHistory } from '../insight/history/open-history.js';
import { MAX_GROUP_ROWS } from '../insight/history/outbox.js';
import { SharedDatabase } from '../insight/history/postgres/shared-database.js';
import { FoveaError } from '../platform/errors.js';
import { escapeControls } from '../platform/escape-controls.js';
import { parseOptions } from './arguments.js';

const MAX_PROBLEMS_SHOWN = 10;

const optionsSchema = z.looseObject({ model: z.string().min(1) });

async function importPredictions(config: Config, file: string, given: unknown): Promise<void> {
  const { model } = parseOptions(optionsSchema, given);
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new FoveaError('not_found', `${file} cannot be read.`, { cause });
  });
  const { records, problems } = readOldPredictions(text, model);
  // Each group is awaited, because a full queue would drop rows.
  const recording = { durability: 'strict', maxQueuedRows: MAX_GROUP_ROWS } as const;
  const shared = sharedDatabaseOf(config);
  const history = await openHistory({
    ...recording,
    database: shared && new SharedDatabase({ ...shared, ...recording }),
    path: resolve(config.storage.stateDir, config.storage.historyPath),
    maxRows: config.history.maxRows,
    maxAgeDays: config.history.maxAgeDays,
    onProblem: (error) => console.error(error.message),
  });
  try {
    for (let start = 0; start < records.length; start += MAX_GROUP_ROWS) {
      await Promise.all(records.slice(start, start + MAX_GROUP_ROWS).map((row) => history.record(row)));
    }
  } finally {
    await history.close();
  }
  console.log(`${records.length} predictions read, ${history.counters.writtenRows} of them new.`);
  for (const problem of problems.slice(0, MAX_PROBLEMS_SHOWN))
    console.error(`left out: ${escapeControls(problem)}`);
  if (problems.length === 0) return;
  console.error(`${problems.length} entries could not be read and were left out.`);
  process.exitCode = 1;
}

export function historyCommand(config: Config): Command {
  return new Command('history').description('Maintain the history of predictions.').addCommand(
    new Command('import')
      .description('Import predictions.json of the old service; rows that were imported before are skipped.')
      .argument('<file>', 'JSON array of its answers; times without a zone are local time (TZ)')
      .option('--model <name>', 'model name of the imported rows; their version is 0', 'imported')
      .action((file: string, given: unknown) => importPredictions(config, file, given)),
  );
}
