import type { EChartsOption } from 'echarts';

/** Bundled by the package `dejavu-fonts-ttf`, so that text is drawn on machines without fonts. */
const FONT = 'DejaVu Sans, sans-serif';

/**
 * Distinguishable with colour vision deficiency.
 * @source Okabe and Ito, "Color Universal Design" (2008)
 */
export const COLORS = {
  blue: '#0072b2',
  orange: '#d55e00',
  green: '#009e73',
  grey: '#8c8c8c',
  purple: '#cc79a7',
  sky: '#56b4e9',
  yellow: '#e69f00',
} as const;

/** Options shared by all charts. */
export function baseOption(title: string, subtitle: string): EChartsOption {
  return {
    animation: false,
    backgroundColor: '#ffffff',
    color: Object.values(COLORS),
    textStyle: { fontFamily: FONT, fontSize: 13 },
    title: {
      text: title,
      subtext: subtitle,
      left: 'center',
      top: 8,
      textStyle: { fontFamily: FONT, fontSize: 18 },
      subtextStyle: { fontFamily: FONT, fontSize: 12, color: '#555' },
    },
    legend: { bottom: 8, itemGap: 20, textStyle: { fontFamily: FONT } },
    grid: { left: 80, right: 40, top: 80, bottom: 90 },
  };
}

/** A numeric axis with its name along it. */
export function namedAxis(name: string, nameGap: number) {
  return { type: 'value' as const, name, nameLocation: 'middle' as const, nameGap };
}
