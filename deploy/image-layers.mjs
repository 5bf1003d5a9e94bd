/**
 * Prints the unpacked size of each layer of an image, with the instruction that made it:
 *
 *     node deploy/image-layers.mjs IMAGE_JSON LAYERS_JSON [LIMIT_MEGABYTES]
 *
 * IMAGE_JSON is what `buildah inspect --type image` printed, LAYERS_JSON the list in buildah's storage. Exits with 1 when the layers beyond
 * the base, which is the first layer, are larger than the limit.
 */
import { readFileSync } from 'node:fs';

const [image = '', layers = '', limit = ''] = process.argv.slice(2);
const { Docker, OCIv1 } = JSON.parse(readFileSync(image, 'utf8'));
/** @type {Map<string, number>} */
const bytesOf = new Map(
  JSON.parse(readFileSync(layers, 'utf8')).map(
    (/** @type {{ 'diff-digest': string, 'diff-size': number }} */ layer) => [
      layer['diff-digest'],
      layer['diff-size'],
    ],
  ),
);
const instructions = OCIv1.history.filter(
  (/** @type {{ empty_layer?: boolean }} */ { empty_layer }) => !empty_layer,
);
/** @type {string[]} */
const digests = Docker.rootfs.diff_ids;
let beyondBase = 0;
for (const [place, digest] of digests.entries()) {
  const megabytes = (bytesOf.get(digest) ?? Number.NaN) / 1e6;
  if (place > 0) beyondBase += megabytes;
  console.log(
    `${megabytes.toFixed(1).padStart(9)} MB  ${place === 0 ? 'base' : (instructions[place]?.created_by ?? '?')}`.slice(
      0,
      110,
    ),
  );
}
console.log(`${beyondBase.toFixed(1).padStart(9)} MB  beyond the base`);
if (limit !== '' && !(beyondBase <= Number(limit))) {
  console.error(`The image may add ${limit} MB to its base.`);
  process.exitCode = 1;
}
