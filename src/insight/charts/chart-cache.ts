import { createHash } from 'node:crypto';
import { FoveaError } from '../../platform/errors.js';
import type { Chart, ChartKind } from './chart.js';

/** A chart that has data. */
export interface ListedPicture {
  readonly name: string;
  readonly filename: string;
}

export interface Picture {
  readonly png: Uint8Array;
  /** Hash of the chart's data. */
  readonly digest: string;
}

/** What the charts are about. */
export interface ChartChoice {
  /** Default: the default model. */
  readonly model?: string | undefined;
  /** Default: the active version. */
  readonly version?: number | undefined;
  /** Id of an evaluation of this version. Default: the newest one. */
  readonly evaluation?: string | undefined;
}

/** The charts, as the fronts serve them. */
export interface Gallery {
  /** Charts that have data. */
  list(choice: ChartChoice): Promise<readonly ListedPicture[]>;
  /** @throws FoveaError `not_found` */
  byFilename(filename: string, choice: ChartChoice): Promise<Picture>;
}

/** Why a chart makes no sense for a model. */
export interface Refusal {
  readonly refused: string;
}

/** The current data of each chart; undefined while there is none. */
export type ChartSources = Readonly<
  Record<ChartKind, (choice: ChartChoice) => Promise<Chart | Refusal | undefined>>
>;

export interface PicturesOptions {
  readonly sources: ChartSources;
  readonly draw: (chart: Chart) => Promise<Uint8Array>;
}

/** Pictures in memory, of all models; a picture has some 50 kB. */
const MAX_DRAWN = 48;

const KINDS: readonly ChartKind[] = [
  'confusion_matrix',
  'training_curves',
  'class_distribution',
  'calibration',
  'confidence_histogram',
  'drift_over_time',
];

/** `training_curves` → `Training Curves` */
function titleOf(kind: ChartKind): string {
  return kind
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
}

function filenameOf(kind: ChartKind): string {
  return `${kind}.png`;
}

/** Draws each chart once, and again when its data has changed. */
export class ChartCache implements Gallery {
  readonly #options: PicturesOptions;
  /** By kind and subject; the oldest is evicted. */
  readonly #drawn = new Map<string, Picture>();
  readonly #drawing = new Map<string, Promise<Picture>>();

  constructor(options: PicturesOptions) {
    this.#options = options;
  }

  /** Charts that have data. */
  async list(choice: ChartChoice): Promise<ListedPicture[]> {
    const listed = await Promise.all(
      KINDS.map(async (kind) => {
        const chart = await this.#options.sources[kind](choice);
        return chart === undefined || 'refused' in chart
          ? []
          : [{ name: titleOf(kind), filename: filenameOf(kind) }];
      }),
    );
    return listed.flat();
  }

  /** @throws FoveaError `not_found` */
  async byFilename(filename: string, choice: ChartChoice): Promise<Picture> {
    const kind = KINDS.find((candidate) => filenameOf(candidate) === filename);
    const chart = kind && (await this.#options.sources[kind](choice));
    if (kind === undefined || chart === undefined) {
      throw new FoveaError(
        'not_found',
        'There is no such picture (now): GET /api/visualizations lists them.',
      );
    }
    if ('refused' in chart) throw new FoveaError('not_found', chart.refused);
    const digest = createHash('sha256').update(JSON.stringify(chart)).digest('hex').slice(0, 32);
    const key = JSON.stringify([kind, choice.model, choice.version, choice.evaluation]);
    const drawn = this.#drawn.get(key);
    if (drawn?.digest === digest) return drawn;
    // Concurrent requests for a chart share one drawing, also when its data changes meanwhile.
    const drawing = this.#drawing.get(key) ?? this.#draw(key, chart, digest);
    this.#drawing.set(key, drawing);
    return drawing;
  }

  async #draw(key: string, chart: Chart, digest: string): Promise<Picture> {
    try {
      const picture = { png: await this.#options.draw(chart), digest };
      this.#drawn.delete(key);
      const [oldest = key] = this.#drawn.keys();
      if (this.#drawn.size >= MAX_DRAWN) this.#drawn.delete(oldest);
      this.#drawn.set(key, picture);
      return picture;
    } finally {
      this.#drawing.delete(key);
    }
  }
}
