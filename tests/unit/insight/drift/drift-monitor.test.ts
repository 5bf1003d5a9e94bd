import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import t, { type Test } from 'tap';
import type { DriftReport } from '../../../../src/insight/drift/drift.js';
import { DriftMonitor } from '../../../../src/insight/drift/drift-monitor.js';
import { tellWebhook } from '../../../../src/insight/drift/webhook.js';
import type { ModelVersion } from '../../../../src/models/repository/model-version.js';
import { testManifest } from '../../../support/model-version.js';
import { portOf } from '../../../support/port-of.js';

const manifest = testManifest({});
const DRIFTED = { state: 'drifted', psi: 1, samples: 100 } as const;

function versionNamed(model: string): ModelVersion {
  return { model, version: 1, directory: '', manifest };
}

function drifted({ model, version }: ModelVersion): DriftReport {
  const now = new Date().toISOString();
  return {
    model,
    version,
    window: 'hour',
    from: now,
    to: now,
    state: 'drifted',
    thresholds: { warning: 0.1, drifted: 0.2, min_samples: 1 },
    baseline_images: null,
    signals: {
      classes: DRIFTED,
      confidence: DRIFTED,
      brightness: DRIFTED,
      contrast: DRIFTED,
      saturation: DRIFTED,
      sharpness: DRIFTED,
    },
    live_accuracy: { predictions: 0, accuracy: null, baseline_accuracy: null },
    over_time: [],
  };
}

/** Monitors two drifted versions that are told to a webhook. */
async function monitorTelling(t: Test, webhook: RequestListener) {
  const server = createServer(webhook).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const problems: string[] = [];
  const monitor = new DriftMonitor({
    reader: { report: (version) => Promise.resolve(drifted(version)) },
    served: () => [versionNamed('a'), versionNamed('b')],
    intervalMs: 0,
    tell: (...change) => tellWebhook({ url: `http://127.0.0.1:${portOf(server)}`, secret: '' }, ...change),
    onChange: () => undefined,
    onProblem: ({ code }) => problems.push(code),
  });
  return { server, monitor, problems };
}

t.test('close gives up a message to a webhook that does not answer', async (t) => {
  const { server, monitor, problems } = await monitorTelling(t, () => undefined);
  const checked = monitor.check();
  await once(server, 'request');
  const startMs = performance.now();
  await monitor.close();
  t.ok(performance.now() - startMs < 5_000, 'long before the webhook’s own timeout');
  await checked;
  t.same(problems, [], 'giving up is no fault of the webhook');
});

t.test('a webhook that fails for one version still hears of the others', async (t) => {
  const told: string[] = [];
  const { monitor, problems } = await monitorTelling(t, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const isFirst = Buffer.concat(chunks).includes('"model":"a"');
      if (!isFirst) told.push('b');
      response.writeHead(isFirst ? 500 : 204).end();
    });
  });
  await monitor.check();
  t.same(told, ['b']);
  t.same(problems, ['webhook_failed']);
  await monitor.check();
  t.same(told, ['b'], 'what was told is not told again');
  t.same(problems, ['webhook_failed', 'webhook_failed'], 'what failed is');
  await monitor.close();
});
