import tf = require('@tensorflow/tfjs-node-gpu');

/** Means over the images seen so far in an epoch. */
export interface Score {
  /** In nats. */
  readonly loss: number;
  readonly accuracy: number;
}

/**
 * Collects losses and hits of the batches of an epoch. They stay on the device until `read`, because reading waits
 * for all GPU work, and the GPU idles while the next step is prepared.
 */
export class ScoreMeter {
  #losses: tf.Tensor[] = [];
  #hits: tf.Tensor[] = [];
  /** Number of images of each loss. */
  #counts: number[] = [];
  #sum = { loss: 0, hits: 0 };
  #images = 0;

  get images(): number {
    return this.#images;
  }

  /** @param loss mean over `images`, scalar; kept here
   * @param hits scalar; kept here */
  add(loss: tf.Tensor, hits: tf.Tensor, images: number): void {
    this.#losses.push(tf.keep(loss));
    this.#hits.push(tf.keep(hits));
    this.#counts.push(images);
    this.#images += images;
  }

  /** Waits for the device. */
  read(): Score {
    if (this.#losses.length > 0) {
      const [losses, hits] = tf.tidy(() => [
        tf.stack(this.#losses).dataSync(),
        tf.stack(this.#hits).dataSync(),
      ]);
      this.#counts.forEach((images, index) => {
        this.#sum.loss += (losses?.[index] ?? Number.NaN) * images;
        this.#sum.hits += hits?.[index] ?? 0;
      });
      tf.dispose([...this.#losses, ...this.#hits]);
      this.#losses = [];
      this.#hits = [];
      this.#counts = [];
    }
    return { loss: this.#sum.loss / this.#images, accuracy: this.#sum.hits / this.#images };
  }
}
