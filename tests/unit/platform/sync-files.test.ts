import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { z } from 'zod';

const traceSchema = z.object({ traceEvents: z.array(z.object({ name: z.string(), ph: z.string() })) });

/** The file-system calls that a piece of code makes, in the order of their ends. */
async function callsOf(folder: string, code: string): Promise<string[]> {
  const root = new URL('../../../', import.meta.url);
  const script = code.replaceAll('src/', new URL('src/', root).href);
  const tracing = ['--trace-event-categories', 'node.fs.async,node.fs.sync'];
  const args = [...tracing, '--input-type=module', '-e', script];
  await promisify(execFile)(process.execPath, args, { cwd: folder });
  const trace = traceSchema.parse(JSON.parse(readFileSync(join(folder, 'node_trace.1.log'), 'utf8')));
  const ends = trace.traceEvents.filter(({ ph }) => ph === 'e' || ph === 'E');
  return ends.map(({ name }) => name.replace('fs.sync.', '')).filter((name) => /^(fsync|rename)$/.test(name));
}

t.test(
  'a replaced file is on the disk before its name, and its name before the promise settles',
  async (t) => {
    const folder = t.testdir();
    const code = `import { replaceFile } from 'src/platform/replace-file.js';
    await replaceFile('settings.json', '{}');`;
    t.same(await callsOf(folder, code), ['fsync', 'rename', 'fsync']);
  },
);

t.test(
  'images of the catalogue are on the disk before their names, and so are these in the end',
  async (t) => {
    const folder = t.testdir({ one: '1', two: '2' });
    const code = `import { placeImages } from 'src/learning/catalogue/image-files.js';
    await placeImages('.', [{ path: 'one', sha256: 'aa1' }, { path: 'two', sha256: 'bb2' }]);`;
    const files = ['fsync', 'fsync'];
    const folders = ['fsync', 'fsync', 'fsync', 'fsync'];
    t.same(await callsOf(folder, code), [...files, 'rename', 'rename', ...folders]);
  },
);
