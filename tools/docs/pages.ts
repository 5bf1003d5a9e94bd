import { architectureTable } from './architecture-table.js';
import { commandHelp } from './command-help.js';
import { configurationTable } from './configuration-table.js';
import { errorTable } from './error-table.js';
import { modelTable } from './model-table.js';

type Generate = () => string | Promise<string>;

/** The page that holds each generated section, by the name in the section's markers `<!-- name -->` … `<!-- /name -->`. */
const SECTIONS: Readonly<Record<string, { readonly page: string; readonly generate: Generate }>> = {
  configuration: { page: 'docs/configuration.md', generate: configurationTable },
  errors: { page: 'docs/api.md', generate: errorTable },
  commands: { page: 'docs/cli.md', generate: commandHelp },
  architectures: { page: 'docs/models.md', generate: architectureTable },
  model: { page: 'docs/models.md', generate: modelTable },
};

/** Pages with generated sections. */
export const GENERATED_PAGES = [...new Set(Object.values(SECTIONS).map(({ page }) => page))];

/** Replaces the generated sections of a page.
 * @param page its path in the repository
 * @param text its present content
 * @throws Error when a marker is missing */
export async function withGeneratedSections(page: string, text: string): Promise<string> {
  const sections = Object.entries(SECTIONS).filter(([, section]) => section.page === page);
  let current = text;
  for (const [name, { generate }] of sections) {
    const [startMarker, endMarker] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [start, end] = [current.indexOf(startMarker), current.indexOf(endMarker)];
    if (start < 0 || end < start) throw new Error(`${page} lacks ${startMarker} … ${endMarker}.`);
    current = `${current.slice(0, start)}${startMarker}\n\n${await generate()}\n\n${current.slice(end)}`;
  }
  return current;
}
