import { readFileSync } from 'node:fs';
import t from 'tap';
import { SETTINGS } from '../../../../src/app/config/schema.js';
import { ERROR_CODES } from '../../../../src/platform/errors.js';
import { architectures } from '../../../../tools/docs/architecture-table.js';
import { commandHelp } from '../../../../tools/docs/command-help.js';
import { configurationTable } from '../../../../tools/docs/configuration-table.js';
import { errorTable } from '../../../../tools/docs/error-table.js';
import { GENERATED_PAGES, withGeneratedSections } from '../../../../tools/docs/pages.js';

t.test('the table of settings has a row for every setting', async (t) => {
  const table = configurationTable();
  for (const section of Object.values(SETTINGS)) {
    for (const { name } of Object.values(section)) t.ok(table.includes(`| \`${name}\``), name);
  }
});

t.test('the table of errors has every code', async (t) => {
  const table = errorTable();
  for (const code of ERROR_CODES) t.ok(table.includes(`\`${code}\``), code);
});

t.test('the help of commands includes commands of commands', async (t) => {
  t.match(
    await commandHelp(),
    /### `fovea keys create`\n\n```text\nUsage: fovea keys create \[options\] <name>/,
  );
});

t.test('the results of architectures have 25 and more, each as its own framework answers', async (t) => {
  const all = architectures();
  t.ok(all.length >= 25);
  for (const { name, framework, engine, difference, memory } of all) {
    t.ok(difference <= 1e-3, `${name} of ${framework}`);
    t.match([engine, ...memory], [/^(native|onnxruntime)/, /^\d+$/, /^\d+$/, /^\d+$/]);
  }
});

t.test('the pages hold all of them as the code gives them', async (t) => {
  for (const page of GENERATED_PAGES) {
    const text = readFileSync(page, 'utf8');
    t.equal(text, await withGeneratedSections(page, text), `${page}: \`npm run docs\` writes it anew`);
  }
});

t.test('a page without its markers is refused', async (t) => {
  await t.rejects(withGeneratedSections('docs/configuration.md', '# Configuration'), /configuration/);
});
