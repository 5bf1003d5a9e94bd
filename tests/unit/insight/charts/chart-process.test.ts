import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import t, { type Test } from 'tap';
import { z } from 'zod';
import type { Chart } from '../../../../src/insight/charts/chart.js';
import { ChartProcess } from '../../../../src/insight/charts/chart-process.js';
import { writeFontConfig } from '../../../../src/insight/charts/fonts.js';

function chartProcess(t: Test, env: NodeJS.ProcessEnv = {}): ChartProcess {
  const charts = new ChartProcess({ directory: t.testdir(), env: { ...process.env, ...env } });
  t.teardown(() => charts.close());
  return charts;
}

function matrix(labels: string[]): Chart {
  const counts = labels.map((_, row) => labels.map((_, column) => (row === column ? 9 : 1)));
  return { kind: 'confusion_matrix', subtitle: 'of a test', labels, counts };
}

/** Pixels that are not white where the labels of the rows stand. */
async function inkOfLabels(png: Uint8Array): Promise<number> {
  const area = { left: 100, top: 160, width: 160, height: 860 };
  const pixels = await sharp(png).extract(area).greyscale().raw().toBuffer();
  return pixels.filter((value) => value < 160).length;
}

t.test('names of classes show, whatever they are called', async (t) => {
  const charts = chartProcess(t);
  const named = await inkOfLabels(await charts.draw(matrix(['Cat', 'Straße & <b>Co</b>', '"猫"'])));
  const unnamed = await inkOfLabels(await charts.draw(matrix([' ', '  ', '   '])));
  t.ok(named > unnamed + 500, `${named} dark pixels with names, ${unnamed} without`);
});

t.test('a hundred classes fit, too', async (t) => {
  const png = await chartProcess(t).draw(matrix(Array.from({ length: 100 }, (_, index) => `class ${index}`)));
  t.match(await sharp(png).metadata(), { format: 'png', width: 1800, height: 1280 });
});

t.test('the fonts that come with the server are enough', async (t) => {
  const directory = t.testdir();
  const path = await writeFontConfig(directory);
  const own = readFileSync(path, 'utf8').replace(/<include.*<\/include>/, '');
  t.notMatch(own, /\/etc\/fonts/);
  // What a machine without fonts would find there.
  await writeFile(path, own);
  process.env.FONTCONFIG_FILE = path;
  t.teardown(() => delete process.env.FONTCONFIG_FILE);
  const { drawChart } = await import('../../../../src/insight/charts/draw.js');
  const named = await inkOfLabels(await drawChart(matrix(['Cat', 'Dog', 'Frog'])));
  const unnamed = await inkOfLabels(await drawChart(matrix([' ', '  ', '   '])));
  t.ok(named > unnamed + 500, `${named} dark pixels with names, ${unnamed} without`);
  if (process.env.PICTURES !== undefined) {
    await sharp(await drawChart(matrix(['Cat', 'Dog', 'Frog']))).toFile(
      join(process.env.PICTURES, 'own-fonts.png'),
    );
  }
});

t.test('a process that dies costs the pictures in it, and the next one gets another', async (t) => {
  const charts = chartProcess(t);
  await charts.draw(matrix(['a', 'b']));
  const lost = charts.draw(matrix(Array.from({ length: 100 }, String)));
  // Long before a hundred classes are drawn.
  await killChildren();
  await t.rejects(lost, /ended/);
  t.ok(await charts.draw(matrix(['a', 'b'])));
});

t.test('a closed one draws no more', async (t) => {
  const charts = chartProcess(t);
  await charts.close();
  await t.rejects(charts.draw(matrix(['a', 'b'])), { code: 'draining' });
});

/** Ends this process' own chart processes.
 * @source proc_pid_task_tid_children(5) */
async function killChildren(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8');
  const pids = z.array(z.coerce.number().int().positive()).parse(children.trim().split(' '));
  for (const pid of pids) {
    if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('workers/charts.js'))
      process.kill(pid, 'SIGKILL');
  }
}
