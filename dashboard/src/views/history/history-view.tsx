import { useEffect, useRef, useState } from 'preact/hooks';
import type { StoredPrediction } from '../../../../clients/typescript/src/answers/history.js';
import { chosenModel } from '../../state/models.js';
import { accessKey } from '../../state/server.js';
import { strings } from '../../strings.js';
import { Empty, PageHead } from '../../ui/card.js';
import { Detail } from './detail.js';
import { Export } from './export.js';
import { filterOf, NO_FILTER } from './filter.js';
import { Filters } from './filters.js';
import { usePages } from './pages.js';
import { PredictionTable } from './prediction-table.js';

const AHEAD = '600px';

/** The end of the table: the next page is read before it comes into view. */
function End({ next, more }: { next: string | null | undefined; more: () => void }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting === true && more(), {
      rootMargin: AHEAD,
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [more]);
  return (
    <div ref={place} class="row between table-end">
      {next === null ? (
        <p class="muted small">{strings.history.end}</p>
      ) : (
        <button type="button" class="button small" onClick={more}>
          {strings.history.more}
        </button>
      )}
    </div>
  );
}

export function HistoryView() {
  const [fields, setFields] = useState(NO_FILTER);
  const [opened, setOpened] = useState<StoredPrediction>();
  const filter = filterOf(fields, chosenModel.value);
  const { rows, next, problem, isLoading, more, replace } = usePages(filter, accessKey.value);
  const { history } = strings;
  const isFiltered = fields !== NO_FILTER;
  return (
    <>
      <PageHead title={history.title} lead={history.lead}>
        <Export filter={filter} />
      </PageHead>
      <div class="card">
        <Filters fields={fields} onChange={setFields} />
        {rows.length > 0 && (
          <div class="table-wrap" aria-busy={isLoading}>
            <PredictionTable rows={rows} onOpen={setOpened} />
          </div>
        )}
        {rows.length > 0 && <End next={next} more={more} />}
        {problem !== '' && <Empty text={problem} />}
        {rows.length === 0 && problem === '' && (
          <Empty
            text={next === undefined ? strings.loading : isFiltered ? history.empty : history.emptyAll}
          />
        )}
      </div>
      {opened !== undefined && (
        <Detail
          prediction={opened}
          onClose={() => setOpened(undefined)}
          onChange={(changed) => {
            setOpened(changed);
            replace(changed);
          }}
        />
      )}
    </>
  );
}
