import { CHILD_NICENESS, describeEnd, SupervisedChild } from '../../platform/child/supervised-child.js';
import { FoveaError } from '../../platform/errors.js';
import { type Chart, type ChartTask, type DrawnChart, drawnChartSchema } from './chart.js';
import { writeFontConfig } from './fonts.js';

/** The process takes about 100 MB and half a second to start. It stays for the charts of one page, then ends. */
const IDLE_MS = 15_000;
/** A chart takes less than a second. A process that takes longer than this is killed. */
const DRAW_MS = 60_000;

type ChartChild = SupervisedChild<ChartTask, DrawnChart>;

interface Waiting {
  resolve(png: Uint8Array): void;
  reject(error: Error): void;
  readonly timer: NodeJS.Timeout;
}

export interface ChartProcessOptions {
  /** Folder for the font configuration and cache. */
  readonly directory: string;
  /** Environment variables of the child. */
  readonly env: NodeJS.ProcessEnv;
}

/** Draws charts in a child process that runs only while charts are drawn. */
export class ChartProcess {
  readonly #options: ChartProcessOptions;
  readonly #waiting = new Map<number, Waiting>();
  #child: Promise<ChartChild> | undefined;
  #idle: NodeJS.Timeout | undefined;
  #nextId = 0;
  /** Resolved value of `#child`. */
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

  /** Ends the child; the next `draw` starts another. */
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
    // An earlier child may end after its successor has started.
    if (this.#running !== child) return;
    this.#child = undefined;
    this.#running = undefined;
  }
}
