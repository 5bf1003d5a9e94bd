import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import t from 'tap';
import { z } from 'zod';
import { loadConfig } from '../../../../src/app/config/load.js';
import { SETTINGS } from '../../../../src/app/config/schema.js';
import type { AnySetting } from '../../../../src/app/config/setting.js';
import { createProgram } from '../../../../src/cli/program.js';
import { candidatesFor } from '../../../../src/models/engines/providers.js';
import { FORMATS } from '../../../../src/models/formats/formats.js';
import { PRESET_NAMES } from '../../../../src/models/importing/presets.js';
import { manifestSchema } from '../../../../src/models/repository/manifest.js';
import { parseManifest } from '../../../../src/models/repository/parse-manifest.js';
import {
  anchors,
  codeBlocks,
  codeSpans,
  links,
  type Page,
  readPages,
  shellCommands,
} from '../../../support/documentation.js';

const PAGES = readPages();
const SOURCE_FILE = /^[\w./-]+\.(ts|mjs|cjs|cc|h|py|sh|svg)$/;
const FOLDER = /^(\.ci|src|workers|native|tests|tools|bench|setup|deploy|docs)(\/[\w.-]+)*\/?$/;

/** The folder that a heading names, such as `src/app/`; '' for other headings. */
function folderOf(heading: string): string {
  return /`([\w./-]+\/)`/.exec(heading)?.[1] ?? '';
}

/** @param place the folder of the section */
function isThere(name: string, place: string): boolean {
  const source = name.replace(/^dist\/(.*)\.js$/, '$1.ts');
  return existsSync(source) || existsSync(join(place, source));
}

function pageOf(path: string): Page {
  const found = PAGES.find((page) => page.path === path);
  if (found === undefined) throw new Error(`There is no page ${path}.`);
  return found;
}

function foldersBelow(folder: string): string[] {
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return names.flatMap(({ name }) => [`${folder}/${name}`, ...foldersBelow(`${folder}/${name}`)]);
}

t.test('every file and folder that a page names exists', async (t) => {
  for (const page of PAGES) {
    for (const { text, heading } of codeSpans(page)) {
      const isPath = SOURCE_FILE.test(text) || (FOLDER.test(text) && text.includes('/'));
      if (isPath) t.ok(isThere(text, folderOf(heading)), `${page.path}: ${text}`);
    }
  }
});

t.test('every file that a command runs exists', async (t) => {
  for (const page of PAGES) {
    for (const command of shellCommands(page)) {
      for (const word of command.split(/[\s'"@=]+/)) {
        if (/^(dist|setup|tests|bench|native)\/\S+\.\w+$/.test(word))
          t.ok(isThere(word, ''), `${page.path}: ${word}`);
      }
    }
  }
});

t.test('every link leads to a file, and to a heading where it names one', async (t) => {
  for (const page of PAGES) {
    for (const link of links(page).filter((target) => !/^https?:/.test(target))) {
      const [file = '', fragment] = link.split('#');
      const path = file === '' ? page.path : normalize(join(dirname(page.path), file));
      t.ok(existsSync(path), `${page.path}: ${link}`);
      if (fragment !== undefined) t.ok(anchors(pageOf(path)).includes(fragment), `${page.path}: ${link}`);
    }
  }
});

t.test('ARCHITECTURE.md has a section for each floor and names each folder below', async (t) => {
  const page = pageOf('ARCHITECTURE.md');
  const named = codeSpans(page).map(({ text, heading }) => [text, join(folderOf(heading), text)]);
  const all = new Set([...named.flat(), ...anchors(page)]);
  for (const floor of readdirSync('src').filter((name) => !name.includes('.')))
    t.ok(all.has(`src${floor}`), `src/${floor}`);
  // Folders that hold many files of one kind are told of with their parent.
  const isNamed = (folder: string): boolean =>
    [...all].some((name) => name === `${folder}/` || name.startsWith(`${folder}/`));
  for (const folder of foldersBelow('src').filter((path) => path.split('/').length < 5))
    t.ok(isNamed(folder), folder);
});

t.test('the pictures of ARCHITECTURE.md name folders of src', async (t) => {
  const pictures = codeBlocks(pageOf('ARCHITECTURE.md')).filter(({ language }) => language === 'mermaid');
  t.equal(pictures.length, 3);
  for (const { text } of pictures) {
    for (const [name] of text.matchAll(/\b[a-z]+\/[a-z/]+\b/g)) t.ok(existsSync(`src/${name}`), name);
  }
});

t.test('every setting that a page names exists', async (t) => {
  const names = Object.values(SETTINGS).flatMap((section) =>
    Object.values<AnySetting>(section).flatMap(({ name, isSecret }) =>
      isSecret ? [name, `${name}_FILE`] : [name],
    ),
  );
  for (const { path, text } of PAGES) {
    for (const [name] of text.matchAll(/FOVEA_[A-Z_]*[A-Z](?!…)\b/g))
      t.ok(names.includes(name) || text.includes(`${name}_…`), `${path}: ${name}`);
  }
});

t.test('every metric that a page names exists', async (t) => {
  const sources = readdirSync('src/observability')
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `src/observability/${name}`);
  const text = sources.map((path) => readFileSync(path, 'utf8')).join('\n');
  for (const page of PAGES) {
    for (const [name] of page.text.matchAll(/\bfovea_[a-z_]+[a-z]\b/g)) {
      t.ok(text.includes(`'${name}'`), `${page.path}: ${name}`);
    }
  }
});

t.test('every npm script that a page names exists', async (t) => {
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync('package.json', 'utf8')));
  for (const page of PAGES) {
    for (const [, name = ''] of page.text.matchAll(/\bnpm run ([a-z][a-z:]*)/g)) {
      t.ok(name in scripts, `${page.path}: npm run ${name}`);
    }
  }
});

t.test('every documented command of fovea has the options that it is given', async (t) => {
  const program = await createProgram(loadConfig({}));
  const spans = PAGES.flatMap(codeSpans).filter(({ text }) => text.startsWith('npx fovea '));
  const lines = [...PAGES.flatMap(shellCommands), ...spans.map(({ text }) => text)];
  const commands = lines.filter((line) => line.startsWith('npx fovea ') && !line.includes('<'));
  t.ok(commands.length > 5);
  for (const line of commands) {
    const words = line.split(/\s+/).slice(2);
    let command = program;
    for (const word of words) {
      const next = command.commands.find((each) => each.name() === word);
      if (next === undefined) break;
      command = next;
    }
    t.not(command, program, line);
    for (const word of words.filter((each) => each.startsWith('--'))) {
      t.ok(command.options.some(({ long }) => long === word) || word === '--help', `${line}: ${word}`);
    }
  }
});

t.test('the manifest that docs/models.md shows is one', async (t) => {
  const shown = codeBlocks(pageOf('docs/models.md')).filter(
    ({ language, text }) => language === 'json' && text.includes('"format"'),
  );
  t.ok(shown.length > 0);
  for (const { text } of shown) {
    const manifest = parseManifest(JSON.parse(text));
    t.ok(manifestSchema.safeParse(manifest).success);
  }
});

t.test(
  'docs/configuration.md lists the engines in the order of their choice, with their precisions',
  async (t) => {
    const rows = pageOf('docs/configuration.md').text.matchAll(
      /^\| `(\w+)` \| (NVIDIA GPU|CPU) \| ([\w, ]+) \|/gm,
    );
    const shown = [...rows].map(([, name, device, precisions]) => ({ name, device, precisions }));
    const candidates = candidatesFor({ engine: 'auto', device: 'auto' });
    const expected = candidates.map(({ provider, device }) => ({
      name: provider.name,
      device: device === 'cuda' ? 'NVIDIA GPU' : 'CPU',
      precisions: provider.precisions.join(', '),
    }));
    t.same(shown, expected);
  },
);

t.test('docs/models.md names each preset of the import', async (t) => {
  const { text } = pageOf('docs/models.md');
  for (const preset of PRESET_NAMES) t.ok(text.includes(`\`${preset}\``), preset);
});

t.test('docs/models.md names the file by which each format is recognized', async (t) => {
  const { text } = pageOf('docs/models.md');
  for (const { files } of FORMATS) t.ok(text.includes(`\`${files}\``), files);
});

t.test('the README is a page to start from', async (t) => {
  t.ok(pageOf('README.md').text.split(/\s+/).length <= 2500, 'at most 2,500 words');
});
