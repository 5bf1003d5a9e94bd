#!/usr/bin/env -S MALLOC_ARENA_MAX=2 node --max-semi-space-size=4
import { loadConfig } from '../app/config/load.js';
import { FoveaError } from '../platform/errors.js';
import { escapeControls } from '../platform/escape-controls.js';
import { createProgram } from './program.js';

try {
  const program = await createProgram(loadConfig(process.env), process.argv[2]);
  await program.parseAsync();
} catch (error) {
  const { code, message, cause } = FoveaError.from(error);
  // A message may have several lines; whatever else a file's name holds is escaped.
  console.error(`fovea: ${message.split('\n').map(escapeControls).join('\n')}`);
  // An internal error is a defect of ours: its stack is shown. Any other error explains itself.
  if (code === 'internal') console.error(cause);
  else if (cause instanceof Error) console.error(`  because: ${escapeControls(cause.message)}`);
  process.exitCode = 1;
}
