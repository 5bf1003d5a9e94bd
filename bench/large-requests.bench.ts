/*
 * A request of 64 photographs of 500 pixels beside the time that decoding and the engine take on all cores, and the latency of
 * single photographs beside one of 50 megapixels. The server takes its settings from the environment: by default it serves the
 * shipped model, whose `libvips` resampler makes the ratio of the 64 photographs meaningless: name a model that resizes exactly. Run: `node dist/bench/large-requests.bench.js [--rounds 5]`
 */
import './help.js';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { imageInputSchema } from '../src/models/repository/image-input.js';
import { startServerProcess } from '../tests/support/server-process.js';
import { measureBatchRequest, measureLargeImage } from './large-requests.js';
import { describeMachine } from './machine.js';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const rounds = z.coerce.number().int().positive().parse(values.rounds);
const infoSchema = z.looseObject({ input_shape: z.tuple([z.int(), z.int(), z.int()]) });

const { child, url } = await startServerProcess({
  FOVEA_PORT: '0',
  FOVEA_HOST: '127.0.0.1',
  FOVEA_RATE_LIMIT_ENABLED: 'false',
});
const row = (...cells: readonly (string | number)[]): void =>
  console.log(`| ${cells.map((cell) => (typeof cell === 'number' ? cell.toFixed(1) : cell)).join(' | ')} |`);
try {
  const info = infoSchema.parse(await (await fetch(`${url}/api/model/info`)).json());
  const [height, width, channels] = info.input_shape;
  const input = imageInputSchema.parse({ height, width, channels, scale: 1, offset: 0 });
  console.log(`${describeMachine()}; ${input.height} × ${input.width}; ${rounds} rounds\n`);
  const batch = await measureBatchRequest(url, input, { photographs: 64, width: 500, rounds });
  row('64 photographs: request ms', 'decoding and engine ms', 'ratio');
  row('---', '---', '---');
  row(batch.requestMs, batch.computingMs, batch.ratio.toFixed(2));
  const delay = await measureLargeImage(url, { width: 500, largeWidth: 8600, rounds, secondsARound: 3 });
  console.log('');
  row('alone p50 ms', 'p95', 'beside 50 megapixels p50', 'p95', 'the large one ms');
  row('---', '---', '---', '---', '---');
  row(delay.quietP50Ms, delay.quietP95Ms, delay.besideP50Ms, delay.besideP95Ms, delay.largeMs);
} finally {
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}
