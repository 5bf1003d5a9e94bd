import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { rememberStateDir } from './operator.js';

/** The part of a log line that tests and benches read. */
const lineSchema = z.looseObject({ level: z.string(), msg: z.string(), port: z.int().optional() });

export type LogLine = z.infer<typeof lineSchema>;

export interface ServerProcess {
  readonly child: ChildProcess;
  readonly url: string;
  /** Log lines so far. */
  readonly log: readonly LogLine[];
  /** Standard error so far, including that of libraries. */
  readonly stderr: () => string;
}

/**
 * Starts the server in a process of its own and waits until it is ready to predict. The caller ends it.
 * @param env added to the settings of this process; must log at `info`
 * @param main the compiled entry point
 */
export async function startServerProcess(
  env: Readonly<Record<string, string>>,
  main = 'dist/src/main.js',
): Promise<ServerProcess> {
  // Node options of `npm start`, without those that tap adds to every Node process.
  const node = ['-u', 'NODE_OPTIONS', 'MALLOC_ARENA_MAX=2', process.execPath, '--max-semi-space-size=4'];
  const child = spawn('env', [...node, main], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log: LogLine[] = [];
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const lines = createInterface({ input: child.stdout });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The server ended with ${code} before it was ready.`)));
    lines.on('line', (text) => {
      const line = lineSchema.parse(JSON.parse(text));
      log.push(line);
      if (line.msg !== 'ready') return;
      const port = log.find((entry) => entry.port !== undefined)?.port;
      const url = `http://127.0.0.1:${port}`;
      const { FOVEA_STATE_DIR: stateDir = 'state' }: NodeJS.ProcessEnv = { ...process.env, ...env };
      rememberStateDir(url, stateDir);
      resolve({ child, url, log, stderr: () => stderr });
    });
  });
}
