/** Prints the environment, or the entry point with its command, of `buildah inspect --type image`, one item a line. */
import { readFileSync } from 'node:fs';

const [file = '', part] = process.argv.slice(2);
const { config } = JSON.parse(readFileSync(file, 'utf8')).Docker;
const items = part === 'environment' ? config.Env : [...(config.Entrypoint ?? []), ...config.Cmd];
console.log(items.join('\n'));
