/**
 * One of several things to do, by weight, as Locust chooses tasks.
 * @param {[weight: number, act: () => void][]} tasks
 */
export function doOneOf(tasks) {
  const total = tasks.reduce((sum, [weight]) => sum + weight, 0);
  let left = Math.random() * total;
  for (const [weight, act] of tasks) {
    left -= weight;
    if (left < 0) return act();
  }
}
