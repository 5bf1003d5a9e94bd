/**
 * What the runner says through the environment.
 * @param {string} name
 */
export function setting(name) {
  const value = __ENV[name];
  if (value === undefined) throw new Error(`${name} is not set: floods are run by npm run bench:flood.`);
  return value;
}
