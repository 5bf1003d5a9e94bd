import { FoveaError } from '../../platform/errors.js';
import { runSetUp } from '../../platform/run-set-up.js';

const COMMAND = 'node setup/setup.mjs --tensorflow';

/**
 * Runs set-up in a process of its own, which fetches libtensorflow and builds its binding: a server that only predicts on a
 * CPU has neither. Files in the machine's cache are not fetched again.
 * @param onStep receives each line of set-up's output
 * @param signal ends set-up and removes unfinished files
 * @throws FoveaError `engine_unavailable` when TensorFlow cannot be set up; `cause` has the reason
 */
export async function setUpTensorflow(onStep: (line: string) => void, signal: AbortSignal): Promise<void> {
  await runSetUp('--tensorflow', onStep, signal).catch((error: unknown) => {
    if (signal.aborted) throw error;
    throw unavailable(error instanceof Error ? error : new Error(String(error)));
  });
}

function unavailable(cause: Error): FoveaError {
  const message = `Training needs TensorFlow, and its installation failed. Run ${COMMAND} to see the reason.`;
  return new FoveaError('engine_unavailable', message, { cause });
}
