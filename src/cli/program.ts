import { Command } from 'commander';
import type { Config } from '../app/config/schema.js';
import { packageVersion } from '../platform/package-version.js';

/** Every command, in the order of the help. Each file is loaded late: all together take 0.5 s of processor time. */
const COMMANDS: Readonly<Record<string, () => Promise<(config: Config) => Command>>> = {
  serve: async () => (await import('./serve.js')).serveCommand,
  import: async () => (await import('./import.js')).importCommand,
  add: async () => (await import('./add.js')).addCommand,
  list: async () => (await import('./add.js')).listCommand,
  export: async () => (await import('./export.js')).exportCommand,
  train: async () => (await import('./train.js')).trainCommand,
  calibrate: async () => (await import('./calibrate.js')).calibrateCommand,
  evaluate: async () => (await import('./evaluate.js')).evaluateCommand,
  predict: async () => (await import('./predict.js')).predictCommand,
  history: async () => (await import('./history.js')).historyCommand,
  keys: async () => (await import('./keys.js')).keysCommand,
};

/** The command line.
 * @param wanted first argument: where it names a command, the program has this command only; otherwise it has all */
export async function createProgram(config: Config, wanted = ''): Promise<Command> {
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
  const isCommand = Object.hasOwn(COMMANDS, wanted);
  for (const [name, load] of Object.entries(COMMANDS)) {
    if (isCommand && name !== wanted) continue;
    const create = await load();
    program.addCommand(create(config));
  }
  return program;
}
