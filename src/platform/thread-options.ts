/** Options of every thread: it starts without the module loaders (of a test runner, say) that the command line or
 * NODE_OPTIONS gave the main thread, because Node 20 aborts the process when a thread ends while a loader runs. */
export function withoutLoaders(): { execArgv: string[]; env: NodeJS.ProcessEnv } {
  return { execArgv: [], env: { ...process.env, NODE_OPTIONS: '' } };
}
