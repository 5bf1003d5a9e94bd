import { chartTaskSchema, type DrawnChart } from '../src/insight/charts/chart.js';
import { drawChart } from '../src/insight/charts/draw.js';
import { sendToServer } from '../src/platform/child/child-side.js';

/* The chart process draws the charts that the server sends, one after another, until the server disconnects. */

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
  queue = queue.then(async () => sendToServer(await draw(message)));
});
process.once('disconnect', () => process.exit(0));
