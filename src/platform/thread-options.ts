/** Options of every thread: it starts without the module loaders (of a test runner, say) that the command line or
 * NODE_OPTIONS gave the main thread, because Node 20 aborts the process when a thread ends while a loader runs. */
export function withoutLoaders(): { execArgv: string[]; env: NodeJS.ProcessEnv } {
  return { execArgv: [], env: { ...process.env, NODE_OPTIONS: '' } };
}

const REQUIRE_MODULE = '--experimental-require-module';

/** Options of threads of Piscina, which calls `require` for their module before it tries `import`. A `require` of an ES module
 * aborts the process when the thread is ended meanwhile (Node 20.20: "must be used on an instantiated module"). */
export function importedThreads(): { execArgv: string[]; env: NodeJS.ProcessEnv } {
  // Older releases of Node refuse the option, and have no such `require`.
  const isKnown = process.allowedNodeEnvironmentFlags.has(REQUIRE_MODULE);
  return { ...withoutLoaders(), execArgv: isKnown ? [REQUIRE_MODULE.replace('--', '--no-')] : [] };
}
