import { FoveaError } from '../../../platform/errors.js';
import { NewestFrame } from './newest-frame.js';
import type { RunningRequest } from './running-request.js';
import { Smoothing } from './smoothing.js';
import type { StreamRequest } from './stream-request.js';

/** State of one video. */
export interface Video {
  readonly newest: NewestFrame<RunningRequest>;
  readonly smoothing: Smoothing;
}

export interface VideoLimits {
  readonly maxVideos: number;
  readonly maxSmoothedAnswers: number;
}

/** The videos of one connection. */
export class Videos {
  readonly #limits: VideoLimits;
  readonly #byNumber = new Map<number, Video>();

  constructor(limits: VideoLimits) {
    this.#limits = limits;
  }

  /** @returns undefined when the request needs no state of its video
   * @throws FoveaError `too_large` (videos), `bad_request` (smoothing) */
  of({ video: number, isDroppable, smoothing }: StreamRequest): Video | undefined {
    const { maxVideos, maxSmoothedAnswers } = this.#limits;
    const known = this.#byNumber.get(number);
    if (smoothing > maxSmoothedAnswers) {
      throw new FoveaError('bad_request', `At most ${maxSmoothedAnswers} answers can be averaged.`, {
        details: { max_smoothed_answers: maxSmoothedAnswers },
      });
    }
    if (known !== undefined || (!isDroppable && smoothing === 1)) return known;
    if (this.#byNumber.size >= maxVideos) {
      throw new FoveaError('too_large', `A stream has at most ${maxVideos} videos.`, {
        details: { max_videos: maxVideos },
      });
    }
    const video = { newest: new NewestFrame<RunningRequest>(), smoothing: new Smoothing() };
    this.#byNumber.set(number, video);
    return video;
  }
}
