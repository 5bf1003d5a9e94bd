import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { parse } from 'yaml';
import { z } from 'zod';
import { fixtureImage } from '../support/answers.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { NO_PROMETHEUS, PrometheusServer } from '../support/prometheus-server.js';
import { startServer } from '../support/running-server.js';

/** Series that only a machine with an NVIDIA GPU has. */
const OF_GPUS = /fovea_gpu_/;

const panelSchema = z.object({
  id: z.int(),
  title: z.string(),
  gridPos: z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
  targets: z.array(z.object({ expr: z.string() })).default([]),
});
const { panels } = z
  .object({ panels: z.array(panelSchema) })
  .parse(JSON.parse(readFileSync('deploy/grafana/fovea.json', 'utf8')));

const adapterSchema = z.object({
  rules: z.object({ custom: z.tuple([z.object({ metricsQuery: z.string() })]) }),
});

/** The query of the autoscaler, as the Prometheus adapter completes it. */
function autoscalerQuery(): string {
  const adapter = adapterSchema.parse(
    parse(readFileSync('deploy/kubernetes/prometheus-adapter.yaml', 'utf8')),
  );
  const [{ metricsQuery }] = adapter.rules.custom;
  return metricsQuery.replaceAll('<<.LabelMatchers>>', 'job="fovea"').replaceAll('<<.GroupBy>>', 'instance');
}

/** Paths that manifests let Kubernetes, KServe and Prometheus ask for. */
function askedPaths(): string[] {
  const files = [
    'deploy/kubernetes/base/deployment.yaml',
    'deploy/kubernetes/base/service-monitor.yaml',
    'deploy/kserve/base/serving-runtime.yaml',
    'deploy/prometheus/prometheus.yml',
  ];
  const texts = files.map((file) => readFileSync(file, 'utf8'));
  return texts.flatMap((text) => [...text.matchAll(/\bpath: (\/[\w/]+)/g)].map(([, path = '']) => path));
}

t.test('the alerts fire when they are meant to, and not otherwise', { skip: NO_PROMETHEUS }, async (t) => {
  for (const args of [
    ['check', 'rules', 'deploy/prometheus/alerts.yml'],
    ['test', 'rules', 'tests/fixtures/metrics/alerts.test.yml'],
  ]) {
    const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
    t.equal(status, 0, stdout + stderr);
  }
});

t.test('no two panels of the dashboard share an id or a place', async (t) => {
  t.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)}/${y + Math.floor(cell / w)}`),
  );
  t.equal(new Set(cells).size, cells.length);
  t.ok(panels.every(({ gridPos: { x, w } }) => x + w <= 24));
});

t.test(
  'a Prometheus that scrapes the server answers each query with a value',
  { skip: NO_PROMETHEUS },
  async (t) => {
    const collector = await startOtlpReceiver(t);
    const { url, port } = await startServer(t, {
      FOVEA_DRIFT_CHECK_INTERVAL_MS: '1000',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_TRACES_SAMPLER_ARG: '1',
    });
    for (const path of askedPaths()) {
      const response = await fetch(url + path);
      await response.arrayBuffer();
      t.equal(response.status, 200, path);
    }
    const prometheus = await PrometheusServer.start(t, `127.0.0.1:${port}`);
    const jpeg = Uint8Array.from(await fixtureImage('cat-0000'));
    const open = new Map<string, string>([[autoscalerQuery(), 'autoscaler']]);
    for (const { title, targets } of panels) {
      for (const { expr } of targets.filter((target) => !OF_GPUS.test(target.expr)))
        open.set(expr.replaceAll('$__rate_interval', '30s').replaceAll('$instance', '.*'), title);
    }
    t.ok(open.size > 25);
    const deadline = Date.now() + 30_000;
    while (open.size > 0 && Date.now() < deadline) {
      // Rates need samples from before and after a prediction.
      await (await fetch(`${url}/api/predict`, { method: 'POST', body: jpeg })).arrayBuffer();
      for (const query of open.keys()) {
        const values = await prometheus.query(query);
        if (values.length > 0 && values.some((value) => Number.isFinite(value))) open.delete(query);
      }
      await sleep(200);
    }
    t.same(
      [...open].map(([query, title]) => `${title}: ${query}`),
      [],
      'queries without a value',
    );
    const ofRequests = 'fovea_http_request_duration_seconds_bucket{route="/api/predict"}';
    const [traceId] = await prometheus.traceIds(ofRequests);
    t.match(traceId, /^[0-9a-f]{32}$/, 'an exemplar names a trace');
    t.same(await prometheus.query('ALERTS{alertstate="firing"}'), [], 'a healthy server raises no alert');
  },
);
