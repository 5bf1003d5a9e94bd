import { readFileSync } from 'node:fs';

const RESULTS = 'bench/results/architectures.md';

/** A row of the results of `bench/architectures.bench.ts`. */
interface Architecture {
  readonly name: string;
  readonly framework: string;
  readonly engine: string;
  /** From the source framework, of a probability. */
  readonly difference: number;
  /** Of a process that holds the model alone, in megabytes: Fovea's, ONNX Runtime's, OpenVINO's. */
  readonly memory: readonly (string | undefined)[];
}

/** The rows of the results, which the bench wrote. */
export function architectures(): Architecture[] {
  const rows = readFileSync(RESULTS, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2);
  return rows.map((line) => {
    const [name = '', framework = '', , engine = '', difference, fovea, onnxRuntime, , openVino] = line
      .split('|')
      .slice(1)
      .map((cell) => cell.trim());
    const memory = [fovea, onnxRuntime, openVino].map((cell) => /· (\d+) MB/.exec(cell ?? '')?.[1]);
    return { name, framework, engine, difference: Number(difference), memory };
  });
}

/** The architectures that were tried, as Markdown; reads the committed results. */
export function architectureTable(): string {
  return [
    '| Network | From | Engine | Difference | Fovea, MB | ONNX Runtime, MB | OpenVINO, MB |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...architectures().map(
      ({ name, framework, engine, difference, memory }) =>
        `| ${[name, framework, engine, difference.toExponential(1), ...memory].join(' | ')} |`,
    ),
  ].join('\n');
}
