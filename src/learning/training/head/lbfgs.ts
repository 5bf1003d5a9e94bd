/** A function to minimise. @param at not kept @returns the value, and the gradient as a new array */
export type Objective = (at: Float64Array) => { readonly value: number; readonly gradient: Float64Array };

export interface MinimiseOptions {
  readonly maxIterations: number;
  /** Ends when no partial derivative is larger. */
  readonly tolerance: number;
}

/** Steps that the curvature is estimated from. */
const MEMORY = 10;
/** Of the decrease that the slope promises. @source Nocedal and Wright, "Numerical Optimization" (2006), eq. 3.6a */
const SUFFICIENT_DECREASE = 1e-4;
const MAX_HALVINGS = 30;

interface Correction {
  readonly step: Float64Array;
  readonly change: Float64Array;
  /** 1 / (change · step) */
  readonly inverse: number;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += (a[index] ?? 0) * (b[index] ?? 0);
  return sum;
}

/** `a + factor · b` */
function plus(a: Float64Array, factor: number, b: Float64Array): Float64Array {
  const sum = new Float64Array(a.length);
  for (let index = 0; index < a.length; index++) sum[index] = (a[index] ?? 0) + factor * (b[index] ?? 0);
  return sum;
}

/** The negative gradient times an estimate of the inverse Hessian: the two-loop recursion. @source Nocedal and Wright, algorithm 7.4 */
function directionOf(gradient: Float64Array, corrections: readonly Correction[]): Float64Array {
  let direction: Float64Array = gradient.map((value) => -value);
  const factors: number[] = [];
  for (const { step, change, inverse } of corrections.toReversed()) {
    const factor = inverse * dot(step, direction);
    factors.unshift(factor);
    direction = plus(direction, -factor, change);
  }
  const newest = corrections.at(-1);
  if (newest !== undefined) {
    const scale = 1 / (newest.inverse * dot(newest.change, newest.change));
    direction = direction.map((value) => scale * value);
  }
  corrections.forEach(({ step, change, inverse }, index) => {
    direction = plus(direction, (factors[index] ?? 0) - inverse * dot(change, direction), step);
  });
  return direction;
}

/** Minimises a smooth function by L-BFGS with a backtracking line search. Of a convex function it finds the minimum.
 * @source Liu and Nocedal, "On the limited memory BFGS method for large scale optimization" (1989) */
export function minimise(
  objective: Objective,
  start: Float64Array,
  { maxIterations, tolerance }: MinimiseOptions,
): Float64Array {
  let at: Float64Array = start;
  let now = objective(at);
  const corrections: Correction[] = [];
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    if (now.gradient.every((value) => Math.abs(value) <= tolerance)) break;
    const direction = directionOf(now.gradient, corrections);
    const slope = dot(now.gradient, direction);
    // Without an estimate of the curvature, a step of length 1.
    let length = corrections.length === 0 ? 1 / Math.sqrt(-slope) : 1;
    let next: Float64Array | undefined;
    let result = now;
    for (let halving = 0; halving < MAX_HALVINGS && next === undefined; halving++) {
      const tried = plus(at, length, direction);
      result = objective(tried);
      if (result.value <= now.value + SUFFICIENT_DECREASE * length * slope) next = tried;
      length /= 2;
    }
    // Rounding hides any further decrease.
    if (next === undefined) break;
    const step = plus(next, -1, at);
    const change = plus(result.gradient, -1, now.gradient);
    const curvature = dot(step, change);
    if (curvature > 1e-12) corrections.push({ step, change, inverse: 1 / curvature });
    if (corrections.length > MEMORY) corrections.shift();
    at = next;
    now = result;
  }
  return at;
}
