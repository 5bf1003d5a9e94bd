import { configurationTable } from './configuration-table.js';
import { errorTable } from './error-table.js';
import { modelTable } from './model-table.js';

/** What of the README is made from the code, by the name in its markers `<!-- name -->` … `<!-- /name -->`. */
const SECTIONS: Readonly<Record<string, () => string>> = {
  configuration: configurationTable,
  errors: errorTable,
  model: modelTable,
};

/** The README with its generated sections written anew.
 * @throws Error when a marker is missing */
export function withGeneratedSections(readme: string): string {
  return Object.entries(SECTIONS).reduce((text, [name, generate]) => {
    const [startMarker, endMarker] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [start, end] = [text.indexOf(startMarker), text.indexOf(endMarker)];
    if (start < 0 || end < start) throw new Error(`README.md lacks ${startMarker} … ${endMarker}.`);
    return `${text.slice(0, start)}${startMarker}\n\n${generate()}\n\n${text.slice(end)}`;
  }, readme);
}
