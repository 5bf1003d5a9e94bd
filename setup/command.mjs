import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { basename } from 'node:path';

/** The end of a tool's output that is kept to explain a failure. */
const KEPT_CHARACTERS = 1_000_000;
const SHOWN_LINES = 25;
/** Lines of build tools about themselves, which follow the actual errors. */
const CHATTER = /^((node-pre-)?gyp (ERR!|info)|npm warn|Failed to execute)/;

/** A tool that ended with an error; `output` is what it printed, `message` shows its end. */
export class CommandFailed extends Error {
  /**
   * @param {string} command
   * @param {string} outcome
   * @param {string} output
   */
  constructor(command, outcome, output) {
    const tail = output
      .split('\n')
      .filter((line) => line.trim() && !CHATTER.test(line))
      .slice(-SHOWN_LINES);
    super([`${command} ${outcome}.`, ...tail.map((line) => `  | ${line}`)].join('\n'));
    this.name = 'CommandFailed';
    this.output = output;
  }
}

/**
 * Runs a tool, silently, and returns what it printed.
 *
 * It gets its own process group, so that an interruption also ends its children (make, compilers).
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env: NodeJS.ProcessEnv, signal: AbortSignal, niceness?: number | undefined }} options `niceness` over 0
 *   gives other tools priority.
 * @returns {Promise<string>} stdout and stderr together.
 * @throws {CommandFailed} when it cannot be started or ends with an error; the signal's reason when interrupted.
 */
export async function run(command, args, { cwd, env, signal, niceness = 0 }) {
  signal.throwIfAborted();
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  if (child.pid !== undefined && niceness > 0) stepBack(child.pid, niceness);
  let output = '';
  const keep = (/** @type {Buffer} */ chunk) => {
    output = (output + chunk).slice(-KEPT_CHARACTERS);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  // SIGKILL, because npm would finish its work on SIGTERM. No step mistakes partial results for complete ones.
  const interrupt = () => child.pid && child.exitCode === null && process.kill(-child.pid, 'SIGKILL');
  signal.addEventListener('abort', interrupt);
  const name = [command, ...args]
    .map((word) => basename(word))
    .join(' ')
    .slice(0, 60);
  try {
    const [code, killedBy] = await once(child, 'close');
    signal.throwIfAborted();
    if (code !== 0)
      throw new CommandFailed(
        name,
        killedBy ? `was ended by ${killedBy}` : `failed with code ${code}`,
        output,
      );
    return output;
  } catch (error) {
    if (error instanceof Error && 'syscall' in error)
      throw new CommandFailed(name, `could not be started: ${error.message}`, '');
    throw error;
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}

/**
 * With autogroups, the kernel weighs a session as a whole and ignores the niceness of its processes. Not every kernel has
 * autogroups, and not every user may change them.
 * @source sched(7), "The autogroup feature"
 * @param {number} pid
 * @param {number} niceness
 */
function stepBack(pid, niceness) {
  try {
    setPriority(pid, Math.max(niceness, getPriority(pid)));
    writeFileSync(`/proc/${pid}/autogroup`, String(niceness));
  } catch {
    // Then the tool competes with others and takes longer.
  }
}
