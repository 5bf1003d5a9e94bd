#!/usr/bin/env node
import { Command } from 'commander';
import { loadConfig } from '../config/load.js';
import { FoveaError } from '../errors.js';
import { evaluateCommand } from './evaluate.js';
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
  program.addCommand(evaluateCommand(config));
  program.addCommand(predictCommand(config));
  await program.parseAsync();
}

try {
  await main();
} catch (error) {
  const known = FoveaError.from(error);
  console.error(`fovea: ${known.message}`);
  // What is not ours to explain is shown whole.
  if (known.cause !== undefined) console.error(known.cause);
  process.exitCode = 1;
}
