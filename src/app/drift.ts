import { DriftMonitor } from '../insight/drift/drift-monitor.js';
import { DriftReader } from '../insight/drift/drift-reader.js';
import { tellWebhook } from '../insight/drift/webhook.js';
import type { History } from '../insight/history/history.js';
import type { ServedModels } from '../serving/rollout/served-models.js';
import type { Surroundings } from './surroundings.js';

/** What reports on drift are read with, and what looks at it by itself, from now on. */
export function makeDrift(
  { config, log, lifecycle }: Surroundings,
  history: History,
  models: ServedModels,
): { reader: DriftReader; monitor: DriftMonitor } {
  const { checkIntervalMs, webhookUrl, webhookSecret, ...thresholds } = config.drift;
  const reader = new DriftReader(history, thresholds);
  const monitor = new DriftMonitor({
    reader,
    served: () => models.inService.map(({ classifier }) => classifier.version),
    intervalMs: checkIntervalMs,
    tell:
      webhookUrl === ''
        ? undefined
        : (...change) => tellWebhook({ url: webhookUrl, secret: webhookSecret }, ...change),
    onChange: ({ model, version, state }, previous) =>
      log.warn({ model, version, state, previous }, 'the drift state has changed'),
    onProblem: (error) => log.error({ err: error }, 'drift could not be checked, or its webhook not told'),
  });
  monitor.start();
  lifecycle.add({ name: 'drift', close: () => monitor.close() });
  return { reader, monitor };
}
