import { effect, signal } from '@preact/signals';
import { readStored, writeStored } from './stored.js';

export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const NAME = 'fovea-theme';
const system = matchMedia('(prefers-color-scheme: dark)');

function stored(): Theme {
  const found = readStored(localStorage, NAME);
  return THEMES.find((theme) => theme === found) ?? 'auto';
}

export const theme = signal<Theme>(stored());

/** Light or dark; charts draw anew when it changes. */
export const shownTheme = signal<'light' | 'dark'>('light');

/** Keeps the page in the chosen theme. */
export function applyTheme(): void {
  const show = (): void => {
    shownTheme.value = theme.value === 'auto' ? (system.matches ? 'dark' : 'light') : theme.value;
    document.documentElement.dataset.theme = shownTheme.value;
  };
  system.addEventListener('change', show);
  effect(() => {
    show();
    writeStored(localStorage, NAME, theme.value);
  });
}
