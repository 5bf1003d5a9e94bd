#!/usr/bin/env -S MALLOC_ARENA_MAX=2 node --max-semi-space-size=2
import { Command } from 'commander';
import { loadConfig } from '../app/config/load.js';
import { FoveaError } from '../platform/errors.js';
import { calibrateCommand } from './calibrate.js';
import { evaluateCommand } from './evaluate.js';
import { historyCommand } from './history.js';
import { keysCommand } from './keys.js';
import { predictCommand } from './predict.js';
import { serveCommand } from './serve.js';
import { trainCommand } from './train.js';

async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const program = new Command('fovea')
    .description('Image classification: serve a model, train one, evaluate it, or ask it.')
    .addHelpText('after', '\nSettings are environment variables (FOVEA_…); the README lists them all.')
    .showHelpAfterError('(--help shows what is possible)');
  program.addCommand(serveCommand());
  program.addCommand(trainCommand(config));
  program.addCommand(calibrateCommand(config));
  program.addCommand(evaluateCommand(config));
  program.addCommand(predictCommand(config));
  program.addCommand(historyCommand(config));
  program.addCommand(keysCommand(config));
  await program.parseAsync();
}

try {
  await main();
} catch (error) {
  const { code, message, cause } = FoveaError.from(error);
  console.error(`fovea: ${message}`);
  // What is not ours to explain is shown whole; of the rest the reason is enough.
  if (code === 'internal') console.error(cause);
  else if (cause instanceof Error) console.error(`  because: ${cause.message}`);
  process.exitCode = 1;
}
