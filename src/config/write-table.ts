/** `npm run docs`: writes the configuration table into README.md of the working directory. */
import { readFileSync, writeFileSync } from 'node:fs';
import { withConfigurationTable } from './table.js';

writeFileSync('README.md', withConfigurationTable(readFileSync('README.md', 'utf8')));
