import { labelFinder } from '../../platform/match-label.js';

/** Separates labels that a table joined from several rows or from a JSON list. */
export const JOINT = '\n';
const SEPARATORS = /[;,]/;
/** Separates labels in a text that Fovea writes. */
export const SEPARATOR = '|';
const NUMBER = /^\d+$/;

export interface LabelSets {
  /** Indices of the known labels that each text names. */
  readonly sets: readonly ReadonlySet<number>[];
  readonly unknown: readonly string[];
}

/** The names in a text without `JOINT`: the text where it is a known label, else its parts. */
function namesIn(text: string, isKnown: (name: string) => boolean): readonly string[] {
  if (isKnown(text)) return [text];
  return text
    .split(SEPARATOR)
    .map((part) => part.trim())
    .flatMap((part) => (isKnown(part) ? [part] : part.split(SEPARATORS).map((name) => name.trim())))
    .filter((name) => name !== '');
}

/**
 * Reads texts of several labels, such as `cat|dog`. A text that is a label as a whole is that label, because labels may
 * contain a comma. A number is a class's index where no label has this name. An empty text names no label.
 */
export function readLabelSets(texts: readonly string[], labels: readonly string[]): LabelSets {
  const find = labelFinder(labels);
  const unknown = new Set<string>();
  const indexOf = (name: string): number | undefined => {
    const index = find(name) ?? (NUMBER.test(name) ? Number(name) : labels.length);
    return index < labels.length ? index : undefined;
  };
  const indicesOf = (text: string): number[] =>
    namesIn(text, (name) => indexOf(name) !== undefined).flatMap((name) => {
      const index = indexOf(name);
      if (index === undefined) unknown.add(name);
      return index ?? [];
    });
  const sets = texts.map((text) => new Set(text.split(JOINT).flatMap(indicesOf)));
  return { sets, unknown: [...unknown] };
}

/** One text for several labels, as `readLabelSets` reads it. */
export function labelText(labels: readonly string[]): string {
  return labels.join(SEPARATOR);
}

/** The names of labels in a text of several, known ones as they are given.
 * @param known labels that may contain a separator */
export function namesInText(text: string, known: readonly string[]): string[] {
  const find = labelFinder(known);
  return text.split(JOINT).flatMap((part) => namesIn(part, (name) => find(name) !== undefined));
}
