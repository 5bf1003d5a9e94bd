/* The figures of a flood as Markdown. */
import { kneeOf } from './chart.js';
import type { PreparedFlood } from './prepare.js';
import { type FloodScenario, SATURATION } from './scenarios.js';
import type { FloodResult } from './summary.js';

export interface ScenarioResult {
  readonly scenario: FloodScenario;
  readonly result: FloodResult;
}

export interface FloodReport {
  /** From `describeMachine`. */
  readonly machine: string;
  readonly date: string;
  readonly secondsPerPhase: number;
  readonly prepared: PreparedFlood;
  readonly results: readonly ScenarioResult[];
  /** File names of charts beside the report. */
  readonly charts: readonly string[];
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function phaseTable(results: readonly ScenarioResult[]): string {
  const rows = results.flatMap(({ scenario, result }) =>
    result.phases.map((phase) => [
      scenario.title,
      phase.name.replace('_', ' '),
      phase.requestsPerSecond.toFixed(0),
      ...[phase.p50Ms, phase.p95Ms, phase.p99Ms, phase.maxMs].map((ms) => ms.toFixed(1)),
    ]),
  );
  return table(['scenario', 'phase', 'requests/s', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms'], rows);
}

function answerTable(results: readonly ScenarioResult[]): string {
  const rows = results.map(({ scenario, result: { right, wrong, failed, serverTimings } }) => {
    const timings = ['queue', 'decode', 'inference'].map((part) => {
      const latency = serverTimings[part];
      return latency === undefined ? '–' : `${latency.p50Ms.toFixed(2)} / ${latency.p99Ms.toFixed(2)}`;
    });
    return [scenario.title, right, wrong, failed, ...timings];
  });
  return table(
    ['scenario', 'right', 'wrong', 'failed', 'queue ms (p50 / p99)', 'decoding ms', 'inference ms'],
    rows,
  );
}

function describeKnee(results: readonly ScenarioResult[]): string {
  const steps = results.find(({ scenario }) => scenario === SATURATION)?.result.phases ?? [];
  const knee = kneeOf(steps);
  if (knee === undefined) return '';
  const most = Math.max(...steps.map(({ requestsPerSecond }) => requestsPerSecond));
  return `The knee, the first step with 90 % of the most throughput, lies at ${knee.name.replace('users_', '')} users, with ${knee.requestsPerSecond.toFixed(0)} requests/s and a p99 of ${knee.p99Ms.toFixed(1)} ms; the most was ${most.toFixed(0)} requests/s.\n\n`;
}

/** Violations, one line each; empty when there are none. */
export function problemsIn(results: readonly ScenarioResult[]): string[] {
  return results.flatMap(({ scenario, result }) => result.broken.map((rule) => `${scenario.title}: ${rule}`));
}

export function writeReport(report: FloodReport): string {
  const { machine, date, secondsPerPhase, prepared, results, charts } = report;
  const problems = problemsIn(results);
  const missing = prepared.missingPages.map((page) => `\`${page}\``).join(', ');
  return `# Floods, ${date}

${machine}. k6 on the same cores, ${secondsPerPhase} s a phase, default settings, rate limits off, history on.

k6 takes a good part of these cores itself, so rates and latencies hold for both together; rates to compare with come
from wrk (\`bench/http.bench.ts\`). What k6 shows is whether answers stay right and how latency grows with load.

${problems.length === 0 ? 'Every request was answered, and every answer was right' : `**Not as it should be:** ${problems.join('; ')}`}: each was compared with what its image had got
alone (class, and confidence within the tolerance), over ${prepared.imageCount} images that their answers tell apart.
${missing === '' ? '' : `\nNot asked for, because this server does not have it: ${missing}.\n`}
## Requests

${phaseTable(results)}

${describeKnee(results)}${charts.map((chart) => `![${chart}](${chart})`).join('\n\n')}

## Answers, and where the server spent its time

From the \`Server-Timing\` header of every prediction, batches included.

${answerTable(results)}
`;
}
