/* The server as `src/main.ts` starts it, with faults that a signal brings about: SIGUSR2 throws where nothing catches,
 * SIGPIPE rejects a promise that nobody waits for. */
process.on('SIGUSR2', () => {
  throw new Error('injected');
});
process.on('SIGPIPE', () => void Promise.reject(new Error('injected')));
await import(new URL('../../src/main.js', import.meta.url).href);
