import util from 'node:util';

/** tfjs-node 4.22 calls `util.isNullOrUndefined`, which Node 23 removed. */
if (!('isNullOrUndefined' in util)) {
  Object.assign(util, { isNullOrUndefined: (value: unknown) => value === null || value === undefined });
}
