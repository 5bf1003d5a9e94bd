import { Command } from 'commander';

export function serveCommand(): Command {
  return new Command('serve')
    .description('Serve predictions over HTTP, as `npm start` does after set-up.')
    .action(async () => {
      // The module starts the server when it is loaded, and exits the process itself.
      await import('../main.js');
    });
}
