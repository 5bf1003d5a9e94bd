import { CHILD_NICENESS, describeEnd, SupervisedChild } from '../../platform/child/supervised-child.js';
import { FoveaError } from '../../platform/errors.js';
import { type Chart, type ChartTask, type DrawnChart, drawnChartSchema } from './chart.js';
import { writeFontConfig } from './fonts.js';

/** The process takes some 100 MB, and half a second to start: it stays for a page's pictures, then ends. */
const IDLE_MS = 15_000;
/** A picture takes less than a second; a process that takes longer than this is ended. */
const DRAW_MS = 60_000;

type ChartChild = SupervisedChild<ChartTask, DrawnChart>;

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
  #child: Promise<ChartChild> | undefined;
  #idle: NodeJS.Timeout | undefined;
  #nextId = 0;
  /** The child behind `#child`, once it runs. */
  #running: ChartChild | undefined;
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
        const timer = setTimeout(() => child.killNow(), DRAW_MS);
        this.#waiting.set(task.id, { resolve, reject, timer });
        void child.ended.then((end) =>
          reject(new Error(`The chart process ended (${describeEnd(end)}).`, { cause: end.problem })),
        );
        child.send(task);
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
    child?.killNow();
  }

  #refuseWhenClosing(): void {
    if (this.#closing.signal.aborted) throw new FoveaError('draining', 'The server is shutting down.');
  }

  async #start(): Promise<ChartChild> {
    try {
      const fonts = await writeFontConfig(this.#options.directory);
      const child: ChartChild = new SupervisedChild<ChartTask, DrawnChart>({
        entryPoint: 'charts',
        env: { ...this.#options.env, FONTCONFIG_FILE: fonts },
        niceness: CHILD_NICENESS,
        serialization: 'advanced',
        keepsServerAlive: false,
        events: drawnChartSchema,
        onEvent: (drawn) => this.#settle(drawn),
      });
      void child.ended.then(() => this.#lose(child));
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
    child?.letGo();
  }

  #settle(drawn: DrawnChart): void {
    const waiting = this.#waiting.get(drawn.id);
    if ('png' in drawn) waiting?.resolve(drawn.png);
    else waiting?.reject(new Error(drawn.problem));
  }

  #lose(child: ChartChild): void {
    // A child that was let go ends, too, when another may have taken its place.
    if (this.#running !== child) return;
    this.#child = undefined;
    this.#running = undefined;
  }
}
