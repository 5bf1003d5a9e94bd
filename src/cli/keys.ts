import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { z } from 'zod';
import type { Config } from '../app/config/schema.js';
import { API_KEYS_FILE, ApiKeys } from '../fronts/door/api-keys.js';
import { roleSchema } from '../fronts/door/key-file.js';
import { FoveaError } from '../platform/errors.js';

const roleOptions = z.looseObject({ role: roleSchema });

/** `fovea keys`: creates, lists and revokes API keys. */
export function keysCommand(config: Config): Command {
  const path = resolve(config.storage.stateDir, API_KEYS_FILE);
  const open = () => new ApiKeys(path);
  const command = new Command('keys').description(
    'API keys. Once the first key was created, every prediction needs a key, even after the last key was revoked. Running servers notice within a second.',
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
      if (name.trim() === '') throw new FoveaError('bad_request', 'A key needs the name of its holder.');
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
    .action(async (id: string) => {
      await open().revoke(id);
      if (open().list().length > 0) return;
      console.error('No key is left: the server refuses every prediction until you create one.');
      console.error(`To serve without keys again, delete ${path} and restart the server.`);
    });
  return command;
}
