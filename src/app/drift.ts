import { DriftMonitor } from '../insight/drift/drift-monitor.js';
import { DriftReader } from '../insight/drift/drift-reader.js';
import { tellWebhook } from '../insight/drift/webhook.js';
import type { History } from '../insight/history/history.js';
import type { ServedModels } from '../serving/rollout/served-models.js';
import type { Deps } from './deps.js';

/** The reader of drift reports, and the monitor that checks drift periodically from now on. */
export function createDrift(
  { config, log, lifecycle }: Deps,
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
    onProblem: (error) => log.error({ err: error }, 'the drift check or its webhook failed'),
  });
  monitor.start();
  lifecycle.add({ name: 'drift', close: () => monitor.close() });
  return { reader, monitor };
}
