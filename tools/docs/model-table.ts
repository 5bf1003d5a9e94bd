import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../../src/models/repository/manifest.js';
import { parseManifest } from '../../src/models/repository/parse-manifest.js';

const SHIPPED = 'models/cifar10-cnn';

function percent(ratio: number): string {
  return `${(100 * ratio).toFixed(2)} %`;
}

function manifests(): Manifest[] {
  return readdirSync(SHIPPED)
    .map((version) => JSON.parse(readFileSync(join(SHIPPED, version, 'manifest.json'), 'utf8')))
    .map((manifest) => parseManifest(manifest))
    .toSorted((a, b) => a.version - b.version);
}

function row({ version, metrics, training }: Manifest): string {
  const { validation, test } = metrics;
  if (training === undefined || validation === undefined || test === undefined || 'task' in test) {
    throw new Error(`Version ${version} of ${SHIPPED} lacks its training or its metrics.`);
  }
  const from = training.parent === null ? 'random weights' : `version ${training.parent.split('/').at(-1)}`;
  const hours = (training.seconds / 3600).toFixed(1);
  return `| ${[
    version,
    `${training.curves.length} epochs from ${from}, ${hours} h`,
    percent(validation.accuracy),
    `**${percent(test.accuracy)}**`,
    percent(test.top3_accuracy),
    test.log_loss.toFixed(3),
    test.expected_calibration_error.toFixed(3),
  ].join(' | ')} |`;
}

/** The table of the shipped model's versions, as Markdown; reads their manifests. */
export function modelTable(): string {
  const versions = manifests();
  const command = versions.at(-1)?.training?.command ?? '';
  return [
    '| Version | Trained | Validation | Test | Test, top 3 | Log loss | Calibration error |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...versions.map(row),
    '',
    'The newest one was made by',
    '',
    `    ${command}`,
  ].join('\n');
}
