import { FoveaError } from '../../../../clients/typescript/src/errors.js';
import type { PredictionStream } from '../../../../clients/typescript/src/stream.js';
import { chosenModel } from '../../state/models.js';
import { clientWith } from '../../state/server.js';

export interface CameraAnswer {
  readonly label: string;
  /** 0..1 */
  readonly confidence: number;
  readonly framesPerSecond: number;
  /** From the frame to its answer. */
  readonly latencyMs: number;
  /** Frames that a newer frame replaced. */
  readonly superseded: number;
}

export interface CameraOptions {
  readonly video: HTMLVideoElement;
  readonly version: number | undefined;
  readonly onAnswer: (answer: CameraAnswer) => void;
  readonly onError: (error: unknown) => void;
}

/** Pixels of the longer side of a frame: more than a model's input, little to send. */
const FRAME_SIZE = 320;
const QUALITY = 0.8;
/** Frames on their way; a newer frame then replaces a waiting frame at the server. */
const MAX_PENDING = 3;
const RATE_WINDOW_MS = 2000;
const SMOOTHING = 5;

/** Classifies a camera over one stream until `stop`. */
export class CameraStream {
  readonly #options: CameraOptions;
  readonly #stream: PredictionStream;
  readonly #canvas = document.createElement('canvas');
  #answeredMs: number[] = [];
  #superseded = 0;
  #isStopped: boolean = false;

  constructor(options: CameraOptions) {
    this.#options = options;
    const model = chosenModel.value === '' ? undefined : chosenModel.value;
    this.#stream = clientWith().stream({ model, version: options.version, topK: 1 });
    this.#next();
  }

  stop(): void {
    this.#isStopped = true;
    this.#stream.close();
  }

  /** One frame for each picture of the camera, while the server keeps up. */
  #next(): void {
    if (this.#isStopped) return;
    const { video, onError } = this.#options;
    if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && this.#stream.pending < MAX_PENDING)
      this.#send().catch((error: unknown) => {
        if (error instanceof FoveaError && error.code === 'superseded') this.#superseded += 1;
        else if (!this.#isStopped) onError(error);
      });
    video.requestVideoFrameCallback(() => this.#next());
  }

  async #send(): Promise<void> {
    const startedMs = performance.now();
    const bytes = await this.#frame();
    if (this.#isStopped) return;
    const answer = await this.#stream.predict(bytes, {
      video: 1,
      isDroppable: true,
      smoothing: SMOOTHING,
      topK: 1,
    });
    const [best] = answer.ranked ?? [];
    if (best === undefined || this.#isStopped) return;
    const nowMs = performance.now();
    this.#answeredMs = [...this.#answeredMs.filter((each) => each > nowMs - RATE_WINDOW_MS), nowMs];
    const spanMs = nowMs - (this.#answeredMs[0] ?? nowMs);
    this.#options.onAnswer({
      label: this.#stream.hello?.model?.labels[best.classIndex] ?? String(best.classIndex),
      confidence: best.confidence,
      framesPerSecond: spanMs === 0 ? 0 : (1000 * (this.#answeredMs.length - 1)) / spanMs,
      latencyMs: nowMs - startedMs,
      superseded: this.#superseded,
    });
  }

  /** The camera's picture as a JPEG. */
  async #frame(): Promise<Uint8Array<ArrayBuffer>> {
    const blob = await photograph(this.#options.video, FRAME_SIZE, this.#canvas);
    return new Uint8Array(await blob.arrayBuffer());
  }
}

/** @param size pixels of the longer side, at most */
export async function photograph(
  video: HTMLVideoElement,
  size: number,
  canvas: HTMLCanvasElement = document.createElement('canvas'),
): Promise<Blob> {
  const scale = Math.min(1, size / Math.max(video.videoWidth, video.videoHeight));
  canvas.width = Math.max(1, Math.round(video.videoWidth * scale));
  canvas.height = Math.max(1, Math.round(video.videoHeight * scale));
  canvas.getContext('2d')?.drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    const take = (blob: Blob | null): void =>
      blob === null ? reject(new Error('no picture')) : resolve(blob);
    canvas.toBlob(take, 'image/jpeg', QUALITY);
  });
}
