import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { rememberStateDir } from './operator.js';

/** As much of a line of the server's log as these tests and benches read. */
const lineSchema = z.looseObject({ level: z.string(), msg: z.string(), port: z.int().optional() });

export type LogLine = z.infer<typeof lineSchema>;

export interface ServerProcess {
  readonly child: ChildProcess;
  readonly url: string;
  /** What it has logged so far. */
  readonly log: readonly LogLine[];
  /** What it and its libraries have written to standard error so far. */
  readonly stderr: () => string;
}

/**
 * The server as operators run it, in a process of its own, ready to predict. Whoever starts it ends it.
 * @param env beside the settings of this process; must let it log at `info`
 * @param main the compiled entry point
 */
export async function startServerProcess(
  env: Readonly<Record<string, string>>,
  main = 'dist/src/main.js',
): Promise<ServerProcess> {
  // Node as `npm start` has it, without what tap loads into every process of Node.
  const node = ['-u', 'NODE_OPTIONS', 'MALLOC_ARENA_MAX=2', process.execPath, '--max-semi-space-size=2'];
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
