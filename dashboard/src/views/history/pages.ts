import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type {
  PredictionFilter,
  StoredPrediction,
} from '../../../../clients/typescript/src/answers/history.js';
import { server } from '../../state/server.js';
import { messageOf } from '../../state/toasts.js';

const PAGE_ROWS = 50;

interface Rows {
  readonly rows: readonly StoredPrediction[];
  /** Cursor of the next page; null: that is all; undefined: nothing was read yet. */
  readonly next: string | null | undefined;
  readonly problem: string;
}

const NOTHING: Rows = { rows: [], next: undefined, problem: '' };

/** The predictions that match, a page at a time. A new filter starts anew. */
export function usePages(filter: PredictionFilter, key: unknown) {
  const [state, setState] = useState(NOTHING);
  const [isLoading, setIsLoading] = useState(false);
  /** Counts filters: an answer to an older one is dropped. */
  const turn = useRef(0);
  const text = JSON.stringify(filter);

  const load = useCallback(
    async (before: Rows): Promise<void> => {
      const own = turn.current;
      setIsLoading(true);
      try {
        const cursor = before.next == null ? {} : { before: before.next };
        const page = await server.value.predictions({ ...filter, limit: PAGE_ROWS, ...cursor });
        if (own === turn.current)
          setState({ rows: [...before.rows, ...page.predictions], next: page.next, problem: '' });
      } catch (error) {
        if (own === turn.current) setState({ ...before, next: null, problem: messageOf(error) });
      } finally {
        if (own === turn.current) setIsLoading(false);
      }
    },
    [text, key],
  );
  useEffect(() => {
    turn.current += 1;
    void load(NOTHING);
  }, [load]);
  const more = useCallback(() => {
    if (!isLoading && state.next != null) void load(state);
  }, [load, state, isLoading]);
  const replace = useCallback((changed: StoredPrediction) => {
    setState((last) => ({
      ...last,
      rows: last.rows.map((row) => (row.id === changed.id ? changed : row)),
    }));
  }, []);
  return { ...state, isLoading, more, replace };
}
