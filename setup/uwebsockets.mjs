import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SetupError } from './setup-error.mjs';

/** SHA-256 of the binaries in the npm package `uwebsockets` 3.0.6: `<platform>_<arch>_<Node's module version>`. */
const SHA256 = {
  linux_x64_115: 'f4fa5d7b697529b45ac8aa3d57385d9af51bc1d2b26aa9f5b68ca4361542e665',
  linux_x64_127: '78e38a9a163b1cf33ce539619e5908111dea95a12e7943d95fbcdd524879caa8',
  linux_x64_137: '3b549c14e01d9d1faf234cdf4b6f0fb08158605e3692cd0eb1b905e327bd3449',
  linux_arm64_115: '034e0fcccdc08f90df3b130f421516311831b1352fe38eab91abc2984c2fdf3a',
  linux_arm64_127: 'a7d9bc3ec166421a49416d5ea4f49118ae68ea1dbf8a765c4f45a79b0b6adb13',
  linux_arm64_137: 'b6eb007d627e00bcce03ad38f197124e9027c03f6fe784b37f97b8a6ea709cb4',
};

/** @param {import('./host.mjs').Host} host */
const buildOf = ({ platform, arch, abi }) => `${platform}_${arch}_${abi}`;

/**
 * The file name of this host's binary.
 * @param {import('./host.mjs').Host} host
 */
export const binaryOf = (host) => `uws_${buildOf(host)}.node`;

/**
 * Verifies this host's binary, and deletes the binaries of other systems (250 MB).
 * @param {string} folder The installed package.
 * @param {import('./host.mjs').Host} host
 * @param {Record<string, string>} pins
 * @throws {SetupError} when the SHA-256 of the binary differs; the binary is deleted.
 */
export async function keepOneBinary(folder, host, pins = SHA256) {
  const binary = join(folder, binaryOf(host));
  const sha256 = createHash('sha256')
    .update(await readFile(binary))
    .digest('hex');
  if (sha256 !== pins[buildOf(host)]) {
    await rm(binary);
    throw new SetupError(
      `${binary} has the SHA-256 ${sha256}, which differs from the one that Fovea pins. It was deleted.`,
      'Run the command again to download it. If you changed the package on purpose, pin the new\nSHA-256 in setup/uwebsockets.mjs.',
    );
  }
  for (const file of await readdir(folder)) {
    if (file.endsWith('.node') && file !== binaryOf(host)) await rm(join(folder, file));
  }
}
