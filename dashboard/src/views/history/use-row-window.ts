import type { RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';

/** Rows before and after the view, so that quick scrolling shows no gap. */
const AHEAD = 30;
/** Until a row was measured. */
const GUESSED_HEIGHT = 57;

export interface RowWindow {
  /** Rows `first` to `end - 1` belong into the page. */
  readonly first: number;
  readonly end: number;
  /** Pixels; all rows have the same height. */
  readonly rowHeight: number;
}

function measure(table: HTMLTableElement, rows: number): RowWindow {
  const row = table.querySelector('tr[aria-rowindex]');
  const rowHeight = row?.getBoundingClientRect().height ?? GUESSED_HEIGHT;
  const top = table.tHead?.getBoundingClientRect().bottom ?? 0;
  // Whole multiples of `AHEAD`, so that most scroll events change nothing.
  const firstInView = Math.floor(-top / rowHeight / AHEAD) * AHEAD;
  const inView = Math.ceil(innerHeight / rowHeight);
  const first = Math.min(Math.max(0, firstInView - AHEAD), Math.max(0, rows - 1));
  return { first, end: Math.min(rows, Math.max(0, firstInView) + inView + 2 * AHEAD), rowHeight };
}

/** Follows the scrolling of the document. */
export function useRowWindow(table: RefObject<HTMLTableElement | null>, rows: number): RowWindow {
  const [shown, setShown] = useState<RowWindow>({ first: 0, end: rows, rowHeight: GUESSED_HEIGHT });
  useLayoutEffect(() => {
    const look = (): void => {
      if (table.current === null) return;
      const next = measure(table.current, rows);
      setShown((last) =>
        last.first === next.first && last.end === next.end && last.rowHeight === next.rowHeight ? last : next,
      );
    };
    look();
    addEventListener('scroll', look, { passive: true });
    addEventListener('resize', look);
    return () => {
      removeEventListener('scroll', look);
      removeEventListener('resize', look);
    };
  }, [table, rows]);
  return { ...shown, first: Math.min(shown.first, rows), end: Math.min(shown.end, rows) };
}
