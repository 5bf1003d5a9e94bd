/*
 * Imported first by every bench: `--help` prints the comment at the top of the bench and ends the process.
 */
import { readFileSync } from 'node:fs';

const [, script = ''] = process.argv;

if (process.argv.includes('--help') || process.argv.includes('-h')) {
  const [, comment = ''] = /\/\*\n(.*?)\*\//s.exec(readFileSync(script, 'utf8')) ?? [];
  console.log(comment.replace(/^ \* ?/gm, '').trim());
  process.exit(0);
}
