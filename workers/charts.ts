import { chartTaskSchema, type DrawnChart } from '../src/insight/charts/chart.js';
import { drawChart } from '../src/insight/charts/draw.js';

/* The chart process: draws what its parent sends, one after another, until that lets it go. */

async function draw(message: unknown): Promise<DrawnChart> {
  const { id, chart } = chartTaskSchema.parse(message);
  try {
    return { id, png: await drawChart(chart) };
  } catch (error) {
    return { id, problem: String(error) };
  }
}

let queue = Promise.resolve();
process.on('message', (message) => {
  queue = queue.then(async () => {
    const drawn = await draw(message);
    if (process.connected) process.send?.(drawn);
  });
});
process.once('disconnect', () => process.exit(0));
