import { type ChildProcess, fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { FoveaError } from '../../platform/errors.js';
import { type Chart, type ChartTask, drawnChartSchema } from './chart.js';
import { writeFontConfig } from './fonts.js';

const ENTRY_POINT = fileURLToPath(new URL('../../../workers/charts.js', import.meta.url));
/** Below what serves. */
const NICENESS = 10;
/** It takes some 100 MB, and half a second to start: it stays for a page's pictures, not for ever. */
const IDLE_MS = 15_000;
/** Far beyond any picture. */
const DRAW_MS = 60_000;

interface Waiting {
  resolve(png: Uint8Array): void;
  reject(error: Error): void;
  readonly timer: NodeJS.Timeout;
}

export interface ChartProcessOptions {
  /** Where the fonts' configuration and cache may lie. */
  readonly directory: string;
  /** What the child starts with. */
  readonly env: NodeJS.ProcessEnv;
}

/** Draws charts in a child process, which is there only while there is something to draw. */
export class ChartProcess {
  readonly #options: ChartProcessOptions;
  readonly #waiting = new Map<number, Waiting>();
  #child: Promise<ChildProcess> | undefined;
  #idle: NodeJS.Timeout | undefined;
  #nextId = 0;
  /** The child behind `#child`, once it runs. */
  #running: ChildProcess | undefined;
  readonly #closing = new AbortController();

  constructor(options: ChartProcessOptions) {
    this.#options = options;
  }

  /** @returns a PNG
   * @throws FoveaError `internal`, `draining` */
  async draw(chart: Chart): Promise<Uint8Array> {
    this.#refuseWhenClosing();
    clearTimeout(this.#idle);
    this.#child ??= this.#start();
    const child = await this.#child;
    this.#refuseWhenClosing();
    const task: ChartTask = { id: this.#nextId++, chart };
    try {
      return await new Promise<Uint8Array>((resolve, reject) => {
        const timer = setTimeout(() => child.kill('SIGKILL'), DRAW_MS);
        this.#waiting.set(task.id, { resolve, reject, timer });
        child.send(task, (error) => {
          if (error !== null) reject(error);
        });
      });
    } finally {
      clearTimeout(this.#waiting.get(task.id)?.timer);
      this.#waiting.delete(task.id);
      if (this.#waiting.size === 0) this.#idle = setTimeout(() => this.#end(), IDLE_MS).unref();
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#idle);
    const child = await this.#child?.catch(() => undefined);
    child?.kill('SIGKILL');
  }

  #refuseWhenClosing(): void {
    if (this.#closing.signal.aborted) throw new FoveaError('draining', 'The server is shutting down.');
  }

  async #start(): Promise<ChildProcess> {
    try {
      const fonts = await writeFontConfig(this.#options.directory);
      const env = { ...this.#options.env, FONTCONFIG_FILE: fonts };
      const child = fork(ENTRY_POINT, { env, serialization: 'advanced' });
      if (child.pid !== undefined) setPriority(child.pid, NICENESS);
      // It alone keeps no server alive.
      child.unref();
      child.channel?.unref();
      child.on('message', (message) => this.#settle(message));
      child.once('exit', (code, signal) => {
        this.#lose(child, `The chart process ended (${signal ?? `code ${code}`}).`);
      });
      child.once('error', (error) => this.#lose(child, String(error)));
      this.#running = child;
      return child;
    } catch (error) {
      this.#child = undefined;
      throw error;
    }
  }

  /** The next picture starts another. */
  #end(): void {
    const child = this.#running;
    this.#child = undefined;
    this.#running = undefined;
    if (child?.connected === true) child.disconnect();
  }

  #settle(message: unknown): void {
    const drawn = drawnChartSchema.parse(message);
    const waiting = this.#waiting.get(drawn.id);
    if ('png' in drawn) waiting?.resolve(drawn.png);
    else waiting?.reject(new Error(drawn.problem));
  }

  #lose(child: ChildProcess, reason: string): void {
    // One that was let go ends, too, when another may have taken its place.
    if (this.#running !== child) return;
    this.#child = undefined;
    this.#running = undefined;
    for (const { reject } of this.#waiting.values()) reject(new Error(reason));
  }
}
