import { Command } from 'commander';

export function serveCommand(): Command {
  return new Command('serve')
    .description('Serve predictions over HTTP, as `npm start` does after set-up.')
    .action(async () => {
      // The entry point serves by being loaded, and ends the process by itself.
      await import('../main.js');
    });
}
