/* Puts load on a URL: with wrk when it is installed, because it needs less CPU time, else with autocannon. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import autocannon from 'autocannon';
import { z } from 'zod';

export interface LoadRequest {
  readonly url: string;
  readonly contentType: string;
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly connections: number;
  readonly seconds: number;
}

const loadResultSchema = z.object({
  requestsPerSecond: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  /** Responses other than 2xx, and broken connections. */
  failures: z.number(),
});

export type LoadResult = z.infer<typeof loadResultSchema>;

const HAS_WRK = spawnSync('wrk', ['-v']).error === undefined;

/** Of a request, in seconds. wrk gives up after 2, and counts a failure, while many clients wait longer for a large network. */
const REQUEST_TIMEOUT = 60;

export const LOAD_GENERATOR = HAS_WRK ? 'wrk' : 'autocannon';

/** Lua script: the request, and the summary as one line of JSON. */
function wrkScript(bodyFile: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `wrk.headers["${name}"] = [[${value}]]`);
  return `
wrk.method = "POST"
${lines.join('\n')}
local file = io.open([[${bodyFile}]], "rb")
wrk.body = file:read("*a")
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format('\\n{"requestsPerSecond":%f,"p50Ms":%f,"p99Ms":%f,"failures":%d}\\n',
    summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
`;
}

async function loadWithWrk({
  url,
  contentType,
  headers,
  body,
  connections,
  seconds,
}: LoadRequest): Promise<LoadResult> {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-bench-'));
  try {
    const bodyFile = join(folder, 'body');
    const script = join(folder, 'post.lua');
    writeFileSync(bodyFile, body);
    writeFileSync(script, wrkScript(bodyFile, { 'Content-Type': contentType, ...headers }));
    const limits = ['-d', `${seconds}s`, '--timeout', `${REQUEST_TIMEOUT}s`];
    const options = ['-t', '1', '-c', String(connections), ...limits, '-s', script, url];
    const { stdout } = await promisify(execFile)('wrk', options);
    return loadResultSchema.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function loadWithAutocannon({
  url,
  contentType,
  headers,
  body,
  connections,
  seconds,
}: LoadRequest): Promise<LoadResult> {
  const result = await autocannon({
    url,
    method: 'POST',
    headers: { 'content-type': contentType, ...headers },
    body,
    connections,
    duration: seconds,
    timeout: REQUEST_TIMEOUT,
  });
  return {
    requestsPerSecond: result.requests.average,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    failures: result.non2xx + result.errors,
  };
}

export function putUnderLoad(request: LoadRequest): Promise<LoadResult> {
  return HAS_WRK ? loadWithWrk(request) : loadWithAutocannon(request);
}
