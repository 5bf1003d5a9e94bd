const LOCALE = 'en';
const MINUTE = 60;
const HOUR = 3600;

const counts = new Intl.NumberFormat(LOCALE);
const compact = new Intl.NumberFormat(LOCALE, { notation: 'compact', maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat(LOCALE, { timeStyle: 'medium', hour12: false });
const days = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium' });

export function count(value: number): string {
  return value >= 100_000 ? compact.format(value) : counts.format(value);
}

/** @param share 0..1 */
export function percent(share: number | null, digits = 1): string {
  return share === null ? '–' : `${(100 * share).toFixed(digits)} %`;
}

/** Three significant digits. */
export function milliseconds(value: number | null): string {
  if (value === null) return '–';
  if (value >= 1000) return `${(value / 1000).toFixed(2)} s`;
  return `${value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)} ms`;
}

export function rate(value: number): string {
  return value >= 100 ? count(Math.round(value)) : value.toFixed(value >= 10 ? 0 : 1);
}

export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)} min ${whole % MINUTE} s`;
  return `${Math.floor(whole / HOUR)} h ${Math.floor((whole % HOUR) / MINUTE)} min`;
}

export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, value < 1 ? 0 : Math.floor(Math.log10(value) / 3));
  return `${(value / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

/** Time alone for today, else with the day. */
export function moment(iso: string): string {
  const date = new Date(iso);
  const time = clock.format(date);
  return days.format(date) === days.format(new Date()) ? time : `${days.format(date)}, ${time}`;
}

export function day(iso: string): string {
  return days.format(new Date(iso));
}
