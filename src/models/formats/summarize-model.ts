import type { ModelSource } from './format.js';

/** A text table of a model's layers and parameters. */
export function summarizeModel({ layers }: ModelSource): string {
  const rows = layers.map(({ name, kind, parameters }) => [`${name} (${kind})`, String(parameters)]);
  const total = layers.reduce((sum, { parameters }) => sum + parameters, 0);
  const width = Math.max(...rows.map(([label = '']) => label.length), 'Layer'.length) + 2;
  const lines = [['Layer', 'Parameters'], ...rows].map(([label = '', count = '']) => {
    return label.padEnd(width) + count.padStart(12);
  });
  return [...lines, '', `Total parameters: ${total}`].join('\n');
}
