import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { z } from 'zod';
import type { Config } from '../app/config/schema.js';
import { ApiKeys } from '../fronts/door/api-keys.js';
import { roleSchema } from '../fronts/door/key-file.js';

const roleOptions = z.looseObject({ role: roleSchema });

/** `fovea keys`: creates, lists and revokes API keys. */
export function keysCommand(config: Config): Command {
  const open = () => new ApiKeys(resolve(config.storage.stateDir, 'api-keys.json'));
  const command = new Command('keys').description(
    'API keys. As soon as there is one, every prediction needs a key; running servers notice within a second.',
  );
  command
    .command('create')
    .description('Create a key and print it. Only its hash is stored: it cannot be shown again.')
    .argument('<name>', 'name of the key’s holder')
    .addOption(
      new Option('--role <role>', 'admin may also change the server')
        .choices(roleSchema.options)
        .default('predict'),
    )
    .action(async (name: string, options: unknown) => {
      const { role } = roleOptions.parse(options);
      console.log(await open().create(name, role));
    });
  command
    .command('list')
    .description('List all keys without their secrets.')
    .action(() => {
      for (const { id, role, created_at, name } of open().list())
        console.log([id, role, created_at, name].join('  '));
    });
  command
    .command('revoke')
    .description('Revoke a key.')
    .argument('<id>', 'id from `fovea keys list`')
    .action((id: string) => open().revoke(id));
  return command;
}
