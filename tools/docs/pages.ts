import { commandHelp } from './command-help.js';
import { configurationTable } from './configuration-table.js';
import { errorTable } from './error-table.js';
import { modelTable } from './model-table.js';

/** The page that holds each generated section, by the name in the section's markers `<!-- name -->` … `<!-- /name -->`. */
const SECTIONS: Readonly<Record<string, { readonly page: string; readonly generate: () => string }>> = {
  configuration: { page: 'docs/configuration.md', generate: configurationTable },
  errors: { page: 'docs/api.md', generate: errorTable },
  commands: { page: 'docs/cli.md', generate: commandHelp },
  model: { page: 'docs/models.md', generate: modelTable },
};

/** Pages with generated sections. */
export const GENERATED_PAGES = Object.values(SECTIONS).map(({ page }) => page);

/** Replaces the generated sections of a page.
 * @param page its path in the repository
 * @param text its present content
 * @throws Error when a marker is missing */
export function withGeneratedSections(page: string, text: string): string {
  const sections = Object.entries(SECTIONS).filter(([, section]) => section.page === page);
  return sections.reduce((current, [name, { generate }]) => {
    const [startMarker, endMarker] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [start, end] = [current.indexOf(startMarker), current.indexOf(endMarker)];
    if (start < 0 || end < start) throw new Error(`${page} lacks ${startMarker} … ${endMarker}.`);
    return `${current.slice(0, start)}${startMarker}\n\n${generate()}\n\n${current.slice(end)}`;
  }, text);
}
