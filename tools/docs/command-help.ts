import type { Command } from 'commander';
import { loadConfig } from '../../src/app/config/load.js';
import { createProgram } from '../../src/cli/program.js';

const LINE_WIDTH = 100;

function sectionsOf(command: Command, name: string): string[] {
  const help = command.createHelp();
  help.helpWidth = LINE_WIDTH;
  const text = help.formatHelp(command, help).trimEnd();
  const subcommands = command.commands.flatMap((child) => sectionsOf(child, `${name} ${child.name()}`));
  return [`### \`${name}\`\n\n\`\`\`text\n${text}\n\`\`\``, ...subcommands];
}

/** The `--help` of every command under the default settings, as Markdown. */
export async function commandHelp(): Promise<string> {
  const program = await createProgram(loadConfig({}));
  return program.commands.flatMap((command) => sectionsOf(command, `fovea ${command.name()}`)).join('\n\n');
}
