/**
 * Runs steps that do not wait for each other. When one fails the others are interrupted, and it settles once they have
 * cleaned up.
 * @template {readonly unknown[] | []} T
 * @param {import('./context.mjs').Context} context
 * @param {(context: import('./context.mjs').Context) => T} start Starts all of them, with the context that it is given.
 * @returns {Promise<{ -readonly [Place in keyof T]: Awaited<T[Place]> }>} As `Promise.all`.
 * @throws What the first one threw.
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

/** The niceness of what is over long before what runs beside it, and would take a part of that one's core. */
export const BESIDE_LONGER = 10;
