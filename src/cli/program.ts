import { Command } from 'commander';
import type { Config } from '../app/config/schema.js';
import { packageVersion } from '../platform/package-version.js';
import { addCommand, listCommand } from './add.js';
import { calibrateCommand } from './calibrate.js';
import { evaluateCommand } from './evaluate.js';
import { exportCommand } from './export.js';
import { historyCommand } from './history.js';
import { importCommand } from './import.js';
import { keysCommand } from './keys.js';
import { predictCommand } from './predict.js';
import { serveCommand } from './serve.js';
import { trainCommand } from './train.js';

/** The command line with all its commands. */
export function createProgram(config: Config): Command {
  const program = new Command('fovea')
    .description('Image classification: serve, train, evaluate and use models.')
    .version(packageVersion())
    // Commands have a `--version <number>` of their own, which the program's option would take otherwise.
    .enablePositionalOptions()
    .addHelpText(
      'after',
      '\nSettings are environment variables (FOVEA_…); docs/configuration.md lists them all.',
    )
    .showHelpAfterError('(--help shows what is possible)');
  program.addCommand(serveCommand());
  program.addCommand(importCommand(config));
  program.addCommand(addCommand(config));
  program.addCommand(listCommand(config));
  program.addCommand(exportCommand(config));
  program.addCommand(trainCommand(config));
  program.addCommand(calibrateCommand(config));
  program.addCommand(evaluateCommand(config));
  program.addCommand(predictCommand(config));
  program.addCommand(historyCommand(config));
  program.addCommand(keysCommand(config));
  return program;
}
