/**
 * How a running step tells how far it is.
 * @callback Report
 * @param {number} done Units done so far.
 * @param {number} total Units in all.
 * @param {string} [unit] The units' name; default MB.
 * @returns {void}
 */

/**
 * @typedef {object} Progress
 * @property {(text: string) => void} say Prints a line.
 * @property {<T>(label: string, work: (report: Report) => Promise<T>) => Promise<T>} step
 *   Shows `label` while `work` runs: a bar or spinner on a terminal, plain lines elsewhere.
 */

const FRAMES = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
const BAR_WIDTH = 24;
const REDRAW_MS = 120;
const PLAIN_LINE_EVERY_MS = 10_000;

/**
 * @param {{ write(text: string): unknown, isTTY?: boolean }} stream
 * @returns {Progress}
 */
export function createProgress(stream) {
  const say = (/** @type {string} */ text) => void stream.write(`${text}\n`);
  return {
    say,
    async step(label, work) {
      const started = performance.now();
      const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
      let state = { done: 0, total: 0, unit: 'MB' };
      let frame = 0;
      if (!stream.isTTY) say(`${label} …`);
      const timer = stream.isTTY
        ? setInterval(
            () =>
              stream.write(`\r\x1b[K${FRAMES[frame++ % FRAMES.length]} ${label} ${bar(state)} ${seconds()}`),
            REDRAW_MS,
          )
        : setInterval(
            () => say(`  ${label}: ${state.total ? amount(state) : seconds()}`),
            PLAIN_LINE_EVERY_MS,
          );
      const finish = (/** @type {string} */ mark, /** @type {string} */ outcome) => {
        clearInterval(timer);
        say(stream.isTTY ? `\r\x1b[K${mark} ${label} (${seconds()})` : `  ${outcome} after ${seconds()}`);
      };
      try {
        const result = await work((done, total, unit = 'MB') => {
          state = { done, total, unit };
        });
        finish('✓', 'done');
        return result;
      } catch (error) {
        finish('✗', 'failed');
        throw error;
      }
    },
  };
}

/** @param {{ done: number, total: number, unit: string }} state */
function bar(state) {
  if (!state.total) return '';
  const filled = Math.round(Math.min(1, state.done / state.total) * BAR_WIDTH);
  return `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ${amount(state)}`;
}

/** @param {{ done: number, total: number, unit: string }} state */
function amount({ done, total, unit }) {
  return `${Math.round(done)} of ${Math.round(total)} ${unit}`;
}
