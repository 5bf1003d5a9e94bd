/*
 * Builds the dashboard into dashboard/build/: index.html and assets/ with the hash of each file in its name, compressed by
 * gzip and brotli. Uses esbuild alone, so that set-up needs no network once packages are installed.
 */

import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const HERE = fileURLToPath(new URL('.', import.meta.url));
/** Files that compress; fonts and pictures are compressed already. */
const TEXT = /\.(js|css|svg)$/;

/** @param {string} [folder] */
export async function buildDashboard(folder = join(HERE, 'build')) {
  await rm(folder, { recursive: true, force: true });
  const { metafile } = await build({
    entryPoints: [join(HERE, 'src/main.tsx')],
    outdir: join(folder, 'assets'),
    entryNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['chrome111', 'firefox114', 'safari16.4'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    loader: { '.woff2': 'file', '.jpg': 'file', '.svg': 'file' },
    // `ws` is for Node.
    alias: { ws: join(HERE, 'src/no-ws.ts') },
    define: { 'process.env.NODE_ENV': '"production"' },
    metafile: true,
    legalComments: 'none',
    logLevel: 'silent',
  });
  const names = Object.keys(metafile.outputs).map((path) => basename(path));
  for (const name of names.filter((each) => TEXT.test(each))) await compress(join(folder, 'assets', name));
  await writeFile(join(folder, 'index.html'), await page(names));
  return names;
}

/** @param {string} file */
async function compress(file) {
  const bytes = await readFile(file);
  await writeFile(`${file}.gz`, gzipSync(bytes, { level: 9 }));
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  await writeFile(`${file}.br`, brotliCompressSync(bytes, { params }));
}

/** @param {readonly string[]} names */
async function page(names) {
  const template = await readFile(join(HERE, 'src/index.html'), 'utf8');
  /** @param {RegExp} pattern */
  const find = (pattern) => names.find((name) => pattern.test(name)) ?? '';
  return template
    .replaceAll('main.js', find(/^main-.*\.js$/))
    .replaceAll('main.css', find(/^main-.*\.css$/))
    .replaceAll('font.woff2', find(/^inter-latin-wght.*\.woff2$/))
    .replaceAll('icon.svg', find(/^icon-.*\.svg$/));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildDashboard();
  const built = await readdir(join(HERE, 'build/assets'));
  console.log(built.join('\n'));
}
