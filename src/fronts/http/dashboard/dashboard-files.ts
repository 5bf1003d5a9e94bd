import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FoveaError } from '../../../platform/errors.js';

/** Where `dashboard/build.mjs` writes, seen from `dist/src/fronts/http/dashboard/`. */
export const DASHBOARD_DIR = fileURLToPath(new URL('../../../../../dashboard/build/', import.meta.url));

/** As `dashboard/build.mjs` names files: no name leads out of the folder. */
const NAME = /^[A-Za-z0-9-]+-[A-Z0-9]{8}\.(js|css|svg|woff2|jpg)$/;

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
  jpg: 'image/jpeg',
};

/** Best first; the files beside the asset that the build has compressed. */
const ENCODINGS = [
  { encoding: 'br', suffix: '.br' },
  { encoding: 'gzip', suffix: '.gz' },
] as const;

const COMPRESSED: ReadonlySet<string> = new Set(['js', 'css', 'svg']);

export interface Asset {
  readonly type: string;
  /** Content-Encoding; undefined for none. */
  readonly encoding: string | undefined;
  /** Whether the answer depends on Accept-Encoding. */
  readonly varies: boolean;
  readonly bytes: Buffer;
}

export interface Page {
  readonly html: string;
  readonly etag: string;
}

/** Whether Accept-Encoding names the encoding and does not refuse it by `q=0`. @source RFC 9110, 12.5.3 */
function accepts(acceptEncoding: string, encoding: string): boolean {
  return acceptEncoding.split(',').some((part) => {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    return name === encoding && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });
}

/** The built files of the dashboard. */
export class DashboardFiles {
  readonly #directory: string;
  readonly #basePath: string;

  /** @param basePath `FOVEA_BASE_PATH`; '' for none */
  constructor(basePath: string, directory: string = DASHBOARD_DIR) {
    this.#basePath = basePath;
    this.#directory = directory;
  }

  /** @throws FoveaError `not_found` */
  async asset(name: string, acceptEncoding: string): Promise<Asset> {
    const extension = NAME.exec(name)?.[1] ?? '';
    const type = TYPES[extension];
    if (type === undefined) throw notFound();
    const varies = COMPRESSED.has(extension);
    const chosen = varies ? ENCODINGS.find(({ encoding }) => accepts(acceptEncoding, encoding)) : undefined;
    const bytes = await readOrNotFound(join(this.#directory, 'assets', name + (chosen?.suffix ?? '')));
    return { type, encoding: chosen?.encoding, varies, bytes };
  }

  /** The page; its references are relative to the base path, where there is one. It is read anew each time, because set-up
   * may build it while the server runs.
   * @throws FoveaError `not_found` before set-up has built it */
  async page(): Promise<Page> {
    const template = (await readOrNotFound(join(this.#directory, 'index.html'))).toString();
    // Without a base path the page works behind a prefix that the server does not know.
    const base = this.#basePath === '' ? '' : `<base href="${this.#basePath}/">`;
    const html = template.replace('<!-- base -->', base);
    const hash = createHash('sha256').update(html).digest('base64url').slice(0, 22);
    return { html, etag: `"${hash}"` };
  }
}

function notFound(): FoveaError {
  return new FoveaError('not_found', 'There is no such file of the dashboard.');
}

async function readOrNotFound(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw notFound();
    throw error;
  }
}
