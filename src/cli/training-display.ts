import progress, { MultiBar, type Options, Presets, type SingleBar } from 'cli-progress';
import type { TrainingEvent } from '../learning/training/training.js';

const LINE =
  '{epoch} {bar} {percentage} % · loss {loss} · accuracy {accuracy} % · {rate} images/s · ETA {eta_formatted}';

const FEATURES_LINE = 'features {bar} {value} of {total} images · ETA {eta_formatted}';

const IMAGES_PER_LINE = 10_000;

function percent(ratio: number): string {
  return (100 * ratio).toFixed(2);
}

/** cli-progress passes `INF` as seconds until it has seen two steps. */
const formatTime: NonNullable<Options['formatTime']> = (seconds, options, multiple) =>
  Number.isFinite(seconds) ? progress.Format.TimeFormat(seconds, options, multiple) : '–';

type Told = Exclude<TrainingEvent, { type: 'step' | 'started' | 'features' }>;

/** What a person is told of an event; of a failure nothing, since its error is reported where it is caught. */
function lineOf(event: Told, epochs: number): string | undefined {
  switch (event.type) {
    case 'setting_up':
      return `setting up TensorFlow: ${event.step}`;
    case 'downloading':
      return `downloading ${(event.bytes / 1e6).toFixed(0)} of ${(event.total_bytes / 1e6).toFixed(0)} MB`;
    case 'reading':
      return event.images % IMAGES_PER_LINE === 0 ? `read ${event.images} images` : undefined;
    case 'chosen':
      return event.reason;
    case 'epoch': {
      const scores = `loss ${event.loss.toFixed(4)}, accuracy ${percent(event.accuracy)} %`;
      const validation = `validation ${percent(event.validation_accuracy)} %${event.is_best ? ' (best so far)' : ''}`;
      const epoch = event.learning_rate === 0 ? 'head' : `epoch ${event.epoch} of ${epochs}`;
      return `${epoch}: ${scores}, ${validation}, ${event.seconds.toFixed(0)} s`;
    }
    case 'finished': {
      const test = event.test_accuracy === null ? '' : `, test ${percent(event.test_accuracy)} %`;
      const scores = `validation ${percent(event.validation_accuracy)} %${test}`;
      return `version ${event.version} is in ${event.directory}: ${scores}`;
    }
    case 'failed':
      return undefined;
  }
}

/** Shows a training to a person: a bar that moves on a terminal, a line per epoch anywhere. */
export class TrainingDisplay {
  readonly #epochs: number;
  readonly #bars = new MultiBar(
    { format: LINE, formatTime, hideCursor: true, etaBuffer: 200 },
    Presets.shades_grey,
  );
  #bar: SingleBar | undefined;
  #stepsPerEpoch = 0;
  #firstEpoch = 1;

  constructor(epochs: number) {
    this.#epochs = epochs;
  }

  show(event: TrainingEvent): void {
    if (event.type === 'step') this.#step(event);
    else if (event.type === 'started') this.#start(event);
    else if (event.type === 'features') this.#features(event);
    else {
      const line = lineOf(event, this.#epochs);
      if (line !== undefined) this.#log(line);
    }
  }

  close(): void {
    this.#bars.stop();
  }

  /** Above the bar, where there is one. */
  #log(line: string): void {
    if (process.stdout.isTTY) this.#bars.log(`${line}\n`);
    else console.log(line);
  }

  #start(event: Extract<TrainingEvent, { type: 'started' }>): void {
    this.#stepsPerEpoch = event.steps_per_epoch;
    this.#firstEpoch = event.first_epoch;
    this.#log(
      `${event.parameters.toLocaleString('en')} parameters, ${event.train_images} images to train on, ${event.validation_images} to validate, ${event.test_images} to test; classes: ${event.labels.join(', ')}`,
    );
    if (event.first_epoch > 1) this.#log(`resumed after epoch ${event.first_epoch - 1}`);
    // cli-progress makes a bar of 100 steps where its stream is no terminal, and prints it at the end.
    if (!process.stderr.isTTY) return;
    const steps = (this.#epochs - event.first_epoch + 1) * event.steps_per_epoch;
    this.#bar = this.#bars.create(steps, 0, { epoch: '', loss: '–', accuracy: '–', rate: '–' });
  }

  #features({ images, images_total: total }: Extract<TrainingEvent, { type: 'features' }>): void {
    if (!process.stderr.isTTY) return;
    this.#bar ??= this.#bars.create(total, 0, {}, { format: FEATURES_LINE });
    this.#bar.update(images);
  }

  #step(event: Extract<TrainingEvent, { type: 'step' }>): void {
    this.#bar?.update((event.epoch - this.#firstEpoch) * this.#stepsPerEpoch + event.step, {
      epoch: `epoch ${event.epoch}/${this.#epochs}`,
      loss: event.loss.toFixed(4),
      accuracy: percent(event.accuracy),
      rate: event.images_per_second.toFixed(0),
    });
  }
}
