/**
 * Reports the progress of a running step.
 * @callback Report
 * @param {number} done Units done so far.
 * @param {number} total Units in all.
 * @param {string} [unit] The name of the units; default MB.
 * @returns {void}
 */

/**
 * @typedef {object} Progress
 * @property {(text: string) => void} say Prints a line.
 * @property {<T>(label: string, work: (report: Report) => Promise<T>) => Promise<T>} step
 *   Shows `label` while `work` runs. A terminal shows all running steps in one line, which is redrawn; a file gets plain lines.
 */

const FRAMES = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
const BAR_WIDTH = 24;
const REDRAW_MS = 120;
const PLAIN_LINE_EVERY_MS = 10_000;
const CLEAR_LINE = '\r\x1b[K';

/**
 * @typedef {object} Step
 * @property {string} label
 * @property {number} startedMs
 * @property {{ done: number, total: number, unit: string }} state
 */

/**
 * @param {{ write(text: string): unknown, isTTY?: boolean, columns?: number }} stream
 * @returns {Progress}
 */
export function createProgress(stream) {
  /** @type {Set<Step>} */
  const running = new Set();
  let frame = 0;
  /** @type {NodeJS.Timeout | undefined} */
  let redrawing;

  const say = (/** @type {string} */ text) =>
    void stream.write(`${stream.isTTY && running.size > 0 ? CLEAR_LINE : ''}${text}\n`);
  const redraw = () => {
    const steps = [...running].map((step) => describe(step, running.size === 1)).join(' · ');
    const line = `${FRAMES[frame++ % FRAMES.length]} ${steps}`;
    stream.write(CLEAR_LINE + line.slice(0, (stream.columns ?? Number.POSITIVE_INFINITY) - 1));
  };
  const begin = (/** @type {Step} */ step) => {
    running.add(step);
    if (!stream.isTTY) {
      say(`${step.label} …`);
      return setInterval(() => say(`  ${step.label}: ${inPlainWords(step)}`), PLAIN_LINE_EVERY_MS);
    }
    redrawing ??= setInterval(redraw, REDRAW_MS);
    return undefined;
  };
  const end = (/** @type {Step} */ step, /** @type {string} */ mark, /** @type {string} */ outcome) => {
    const seconds = secondsOf(step);
    say(stream.isTTY ? `${mark} ${step.label} (${seconds})` : `  ${step.label}: ${outcome} after ${seconds}`);
    running.delete(step);
    if (running.size > 0) return;
    clearInterval(redrawing);
    redrawing = undefined;
  };
  return {
    say,
    async step(label, work) {
      const step = { label, startedMs: performance.now(), state: { done: 0, total: 0, unit: 'MB' } };
      const timer = begin(step);
      try {
        const result = await work((done, total, unit = 'MB') => {
          step.state = { done, total, unit };
        });
        end(step, '✓', 'done');
        return result;
      } catch (error) {
        end(step, '✗', 'failed');
        throw error;
      } finally {
        clearInterval(timer);
      }
    },
  };
}

/** @param {Step} step */
function secondsOf({ startedMs }) {
  return `${((performance.now() - startedMs) / 1000).toFixed(1)} s`;
}

/**
 * @param {Step} step
 * @param {boolean} isAlone Whether it is the only running step, which leaves room for a bar.
 */
function describe(step, isAlone) {
  const { label, state } = step;
  const progress = isAlone ? bar(state) : state.total ? amount(state) : '';
  return [label, progress, secondsOf(step)].filter(Boolean).join(' ');
}

/** @param {Step} step */
function inPlainWords(step) {
  return step.state.total ? amount(step.state) : secondsOf(step);
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
