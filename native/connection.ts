import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { z } from 'zod';

/** Seen from the compiled file, `dist/native/connection.js`. */
const ADDON = '../../native/build/Release/fovea_connection.node';

const addonSchema = z.object({
  open: z.custom<(path: string) => boolean>((value) => typeof value === 'function'),
  socketOf: z.custom<(res: object) => number>((value) => typeof value === 'function'),
  setIdleTimeout: z.custom<(isTls: boolean, socket: number, seconds: number) => void>(
    (value) => typeof value === 'function',
  ),
  sendContinue: z.custom<(isTls: boolean, socket: number) => void>((value) => typeof value === 'function'),
  followsSizeLine: z.custom<(piece: ArrayBuffer) => boolean>((value) => typeof value === 'function'),
});

/** Functions on the socket below a response of uWebSockets.js (`connection.cc`). */
export type ConnectionAddon = Omit<z.infer<typeof addonSchema>, 'open'>;

/** @returns undefined when the addon was not built, or not for this version of Node or of uWebSockets.js */
export function openConnectionAddon(): ConnectionAddon | undefined {
  try {
    const require = createRequire(import.meta.url);
    const addon = addonSchema.parse(require(ADDON));
    const { platform, arch, versions } = process;
    const library = `uws_${platform}_${arch}_${versions.modules}.node`;
    return addon.open(join(dirname(require.resolve('uWebSockets.js')), library)) ? addon : undefined;
  } catch {
    return undefined;
  }
}
