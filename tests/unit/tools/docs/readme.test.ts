import { readFileSync } from 'node:fs';
import t from 'tap';
import { SETTINGS } from '../../../../src/app/config/schema.js';
import { ERROR_CODES } from '../../../../src/platform/errors.js';
import { configurationTable } from '../../../../tools/docs/configuration-table.js';
import { errorTable } from '../../../../tools/docs/error-table.js';
import { withGeneratedSections } from '../../../../tools/docs/generated-sections.js';

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

t.test('the README has all of them as the code gives them', async (t) => {
  const readme = readFileSync('README.md', 'utf8');
  t.equal(readme, withGeneratedSections(readme), '`npm run docs` writes them anew');
});

t.test('nothing in the README waits to be filled in', async (t) => {
  t.notMatch(readFileSync('README.md', 'utf8'), /^[A-Z]{4,}$/m);
});

t.test('a README without markers is refused', async (t) => {
  t.throws(() => withGeneratedSections('# Fovea'), /configuration/);
});
