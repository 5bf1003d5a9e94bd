interface Turn<T> {
  readonly value: T;
  readonly weight: number;
  credit: number;
}

/**
 * Smooth weighted round-robin. Turns are spread evenly: a value with 10 % gets one turn of each ten.
 * @source nginx, smooth weighted round-robin: commit 52327e0627f49dbda1e8db695e63a4b0af4448b1
 */
export class WeightedTurns<T> {
  readonly #turns: readonly Turn<T>[];
  readonly #total: number;

  /** @param weights at least one must be positive */
  constructor(weights: readonly { readonly value: T; readonly weight: number }[]) {
    this.#turns = weights.filter(({ weight }) => weight > 0).map((each) => ({ ...each, credit: 0 }));
    this.#total = this.#turns.reduce((sum, { weight }) => sum + weight, 0);
  }

  next(): T {
    let best: Turn<T> | undefined;
    for (const turn of this.#turns) {
      turn.credit += turn.weight;
      if (best === undefined || turn.credit > best.credit) best = turn;
    }
    if (best === undefined) throw new Error('No value has a weight. This is a bug.');
    best.credit -= this.#total;
    return best.value;
  }
}
