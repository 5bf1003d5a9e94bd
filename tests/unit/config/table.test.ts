import { existsSync, readFileSync } from 'node:fs';
import t from 'tap';
import { SETTINGS } from '../../../src/config/schema.js';
import { configurationTable, withConfigurationTable } from '../../../src/config/table.js';

t.test('the table has a row for every setting', async (t) => {
  const table = configurationTable();
  for (const section of Object.values(SETTINGS)) {
    for (const { name } of Object.values(section)) t.ok(table.includes(`| \`${name}\``), name);
  }
});

t.test('the section is appended once, then replaced in place', async (t) => {
  const written = withConfigurationTable('# Title\n');
  t.ok(written.startsWith('# Title\n'));
  t.equal(withConfigurationTable(written), written);
  t.equal(withConfigurationTable(`${written}\nEnd\n`), `${written}\nEnd\n`);
});

t.test('the README has the table as the schema gives it', async (t) => {
  if (!existsSync('README.md')) {
    t.pass('there is no README yet');
    return;
  }
  const readme = readFileSync('README.md', 'utf8');
  t.equal(readme, withConfigurationTable(readme), 'npm run docs writes it anew');
});
