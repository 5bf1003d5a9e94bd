/**
 * Runs steps in parallel. When one fails, the others are interrupted, and the promise settles after they have cleaned up.
 * @template {readonly unknown[] | []} T
 * @param {import('./context.mjs').Context} context
 * @param {(context: import('./context.mjs').Context) => T} start Starts all steps with the given context.
 * @returns {Promise<{ -readonly [Place in keyof T]: Awaited<T[Place]> }>} As `Promise.all`.
 * @throws The error of the first step that failed.
 */
export async function together(context, start) {
  const failure = new AbortController();
  const running = start({ ...context, signal: AbortSignal.any([context.signal, failure.signal]) });
  try {
    return await Promise.all(running);
  } catch (error) {
    failure.abort(error);
    await Promise.allSettled(running);
    throw error;
  }
}

/** The niceness of a short step that runs beside a much longer one. */
export const BESIDE_LONGER = 10;
