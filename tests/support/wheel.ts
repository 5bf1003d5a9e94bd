import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Wheel } from '../../setup/wheels.mjs';

const ZIP = `
import os, sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as wheel:
    for folder, _, names in os.walk(sys.argv[2]):
        for name in names:
            path = os.path.join(folder, name)
            wheel.write(path, os.path.relpath(path, sys.argv[2]))
`;

/**
 * Builds a small wheel that pip accepts.
 * @param files content by path within the wheel
 * @returns its pin
 */
export async function makeWheel(
  folder: string,
  { name, files, take }: { name: string; files: Record<string, string>; take: Wheel['take'] },
): Promise<Wheel> {
  const distribution = name.replaceAll('-', '_');
  const metadata = `${distribution}-1.0.dist-info`;
  const content = {
    ...files,
    [`${metadata}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0\n`,
    [`${metadata}/WHEEL`]:
      'Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp311-cp311-manylinux2014_x86_64\n',
    [`${metadata}/RECORD`]: '',
  };
  const unpacked = join(folder, `${distribution}-files`);
  for (const [path, text] of Object.entries(content)) {
    await mkdir(dirname(join(unpacked, path)), { recursive: true });
    await writeFile(join(unpacked, path), text, { mode: path.includes('/bin/') ? 0o755 : 0o644 });
  }
  const file = join(folder, `${distribution}-1.0-cp311-cp311-manylinux2014_x86_64.whl`);
  await promisify(execFile)('python3', ['-c', ZIP, file, unpacked]);
  const sha256 = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  return { requirement: `${name}==1.0`, platform: 'manylinux2014_x86_64', sha256, megabytes: 1, take };
}
