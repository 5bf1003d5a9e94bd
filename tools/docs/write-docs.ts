/** `npm run docs`: writes the generated sections into the pages, below the working directory. */
import { readFileSync, writeFileSync } from 'node:fs';
import { GENERATED_PAGES, withGeneratedSections } from './pages.js';

for (const page of GENERATED_PAGES) {
  writeFileSync(page, await withGeneratedSections(page, readFileSync(page, 'utf8')));
}
