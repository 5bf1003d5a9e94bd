import { signal } from '@preact/signals';

export const VIEWS = ['predict', 'live', 'history', 'model', 'train'] as const;
export type View = (typeof VIEWS)[number];

function viewIn(hash: string): View {
  const name = hash.replace(/^#\/?/, '');
  return VIEWS.find((view) => view === name) ?? 'predict';
}

export const view = signal<View>(viewIn(location.hash));

addEventListener('hashchange', () => {
  view.value = viewIn(location.hash);
});

export function hrefOf(target: View): string {
  // A page with <base> would resolve a bare fragment against that base.
  return `${location.pathname}${location.search}#/${target}`;
}
