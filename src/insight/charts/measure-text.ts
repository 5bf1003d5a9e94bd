const NARROW = /[ijlIrtf.,:;'|!() ]/;
const WIDE = /[mwMWQ@%]/;
const CAPITAL = /[A-Z0-9&]/;

/** Character widths of DejaVu Sans in em, rounded up. */
const WIDTHS = { narrow: 0.42, wide: 0.98, capital: 0.72, other: 0.64, ideograph: 1 } as const;
const BOLD_FACTOR = 1.12;
const LAST_ALPHABETIC = 0x2e7f;

function widthOf(character: string): number {
  if ((character.codePointAt(0) ?? 0) > LAST_ALPHABETIC) return WIDTHS.ideograph;
  if (NARROW.test(character)) return WIDTHS.narrow;
  if (WIDE.test(character)) return WIDTHS.wide;
  return CAPITAL.test(character) ? WIDTHS.capital : WIDTHS.other;
}

/**
 * Estimates the width of a text. Without a browser ECharts assumes a narrower font and overlaps legends.
 * @param font CSS font, such as `bold 18px DejaVu Sans`
 */
export function measureText(text: string, font = ''): { width: number } {
  const [, size] = /(\d+(?:\.\d+)?)px/.exec(font) ?? [];
  const ems = [...text].reduce((sum, character) => sum + widthOf(character), 0);
  return { width: ems * Number(size ?? 12) * (/bold/.test(font) ? BOLD_FACTOR : 1) };
}
