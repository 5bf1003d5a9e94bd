import { existsSync, readFileSync } from 'node:fs';
import { test } from 'tap';

const lines = (file: string): string[] => readFileSync(file, 'utf8').split('\n');

/** Files and folders of the repository that the build of the image copies. */
const COPIED = lines('Dockerfile.gpu')
  .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
  .flatMap((line) => line.split(' ').slice(1, -1));

test('the image gets every file that the build names', (t) => {
  const sent = new Set(lines('.dockerignore').filter((line) => line.startsWith('!')));
  for (const path of COPIED) {
    t.ok(existsSync(path), path);
    const folders = path.split('/').map((_, index, parts) => parts.slice(0, index + 1).join('/'));
    t.ok(
      folders.some((folder) => sent.has(`!${folder}`)),
      `.dockerignore lets ${path} through`,
    );
  }
  t.end();
});

test('the image gets every folder that the server reads or is compiled from', (t) => {
  for (const folder of ['src', 'workers', 'native', 'setup', 'models', 'proto'])
    t.ok(COPIED.includes(folder), folder);
  t.end();
});
