/** `npm run docs`: writes the generated sections into README.md of the working directory. */
import { readFileSync, writeFileSync } from 'node:fs';
import { withGeneratedSections } from './generated-sections.js';

writeFileSync('README.md', withGeneratedSections(readFileSync('README.md', 'utf8')));
