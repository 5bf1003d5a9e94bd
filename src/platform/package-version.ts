import { readFileSync } from 'node:fs';
import { z } from 'zod';

const schema = z.object({ version: z.string() });

/** The version in package.json. The relative path is that of the compiled file. */
export function packageVersion(): string {
  const url = new URL('../../../package.json', import.meta.url);
  return schema.parse(JSON.parse(readFileSync(url, 'utf8'))).version;
}
