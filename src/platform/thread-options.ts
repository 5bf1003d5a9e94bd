/** Options for every thread of ours: it starts without the module loaders of the main thread, such as a test runner's, which
 * come by the command line and by NODE_OPTIONS. Node 20 aborts the process when a thread ends while such a loader is at work. */
export function withoutLoaders(): { execArgv: string[]; env: NodeJS.ProcessEnv } {
  return { execArgv: [], env: { ...process.env, NODE_OPTIONS: '' } };
}
