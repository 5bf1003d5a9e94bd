/*
 * Starts the server as `src/main.ts` does, with injected faults: SIGUSR2 throws an uncaught exception, SIGPIPE
 * rejects a promise without a handler.
 */
process.on('SIGUSR2', () => {
  throw new Error('injected');
});
process.on('SIGPIPE', () => void Promise.reject(new Error('injected')));
await import(new URL('../../src/main.js', import.meta.url).href);
