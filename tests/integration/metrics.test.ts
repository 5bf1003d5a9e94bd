import t from 'tap';
import { z } from 'zod';
import { fixtureImage } from '../support/answers.js';
import { startServer } from '../support/running-server.js';

const activeSchema = z.object({ active_version: z.int() });

/** The value of one series, by its name and labels as they stand in the text; NaN where there is none. */
async function seriesValue(url: string, series: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return Number(line?.slice(series.length) ?? Number.NaN);
}

async function scrape(url: string, accept = '*/*') {
  const response = await fetch(`${url}/metrics`, { headers: { accept } });
  return { type: response.headers.get('content-type') ?? '', text: await response.text() };
}

/** Names of our series. Node's appear with their first event. */
function namesOf(text: string): Set<string> {
  return new Set(text.match(/^fovea_\w+/gm));
}

t.test('metrics tell what was asked of the server', async (t) => {
  const { url } = await startServer(t, { FOVEA_HISTORY_DURABILITY: 'strict' });
  const jpeg = Uint8Array.from(await fixtureImage('cat-0000'));
  const headers = { 'Content-Type': 'image/jpeg' };
  const predict = (body: Uint8Array<ArrayBuffer>): Promise<Response> =>
    fetch(`${url}/api/predict`, { method: 'POST', body, headers });
  for (let request = 0; request < 5; request++) await (await predict(jpeg)).arrayBuffer();
  await predict(jpeg.slice(0, 100));
  await fetch(`${url}/api/nothing-${Math.random()}`);
  await fetch(`${url}/api/health`, { method: 'DELETE' });

  t.test('as text that Prometheus reads', async (t) => {
    const response = await fetch(`${url}/metrics`);
    t.match(response.headers.get('content-type'), 'text/plain; version=0.0.4');
    t.match(await response.text(), /^# TYPE fovea_http_requests_total counter$/m);
  });

  t.test('as OpenMetrics to those who accept it, with the same series', async (t) => {
    const before = await scrape(url);
    const open = await scrape(url, 'text/plain;q=0.3, application/openmetrics-text;version=1.0.0;q=0.5');
    t.match(open.type, 'application/openmetrics-text; version=1.0.0');
    t.match(open.text, /^# TYPE fovea_http_requests counter$/m);
    t.ok(open.text.endsWith('\n# EOF\n'));
    t.notMatch(open.text, '\n\n');
    t.same(namesOf(open.text), namesOf(before.text));
    t.same(namesOf((await scrape(url)).text), namesOf(before.text), 'the text format keeps its names');
  });

  const { active_version: number } = activeSchema.parse(
    await (await fetch(`${url}/api/models/cifar10-cnn`)).json(),
  );
  const version = `{model="cifar10-cnn",version="${number}"}`;
  const expected: Readonly<Record<string, number>> = {
    'fovea_http_requests_total{route="/api/predict",method="POST",status="200"}': 5,
    'fovea_http_requests_total{route="/api/predict",method="POST",status="422"}': 1,
    'fovea_http_requests_total{route="/*",method="GET",status="404"}': 1,
    'fovea_http_requests_total{route="/api/health",method="DELETE",status="405"}': 1,
    'fovea_http_request_duration_seconds_count{route="/api/predict"}': 6,
    'fovea_errors_total{code="undecodable_image"}': 1,
    'fovea_errors_total{code="internal"}': 0,
    fovea_rate_limited_total: 0,
    [`fovea_queue_wait_seconds_count${version}`]: 5,
    [`fovea_batch_size_images_sum${version}`]: 5,
    [`fovea_inference_duration_seconds_count${version}`]: 5,
    [`fovea_prediction_duration_seconds_count${version.replace('}', ',shadow="false"}')}`]: 5,
    fovea_decode_duration_seconds_count: 5,
    fovea_history_rows_written_total: 6,
    fovea_history_rows_dropped_total: 0,
    fovea_worker_restarts_total: 0,
    [`fovea_queue_images${version}`]: 0,
  };
  for (const [series, value] of Object.entries(expected)) {
    t.test(`${series} is ${value}`, async (t) => t.equal(await seriesValue(url, series), value));
  }

  t.test('which version is served, and how the process fares', async (t) => {
    const text = await (await fetch(`${url}/metrics`)).text();
    t.match(text, /^fovea_model_info\{model="[^"]+",version="\d+",engine="\w+",device="\w+".*\} 1$/m);
    t.match(text, /^process_resident_memory_bytes \d+/m);
    t.match(text, /^nodejs_eventloop_lag_p99_seconds /m);
  });
});
