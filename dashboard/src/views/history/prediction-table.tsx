import { useRef } from 'preact/hooks';
import type { StoredPrediction } from '../../../../clients/typescript/src/answers/history.js';
import { milliseconds, moment, percent } from '../../format.js';
import { answerOf, feedbackOf, isSame, textOf } from '../../state/truth.js';
import { strings } from '../../strings.js';
import { Thumbnail } from './thumbnail.js';
import { useRowWindow } from './use-row-window.js';

interface TableProps {
  readonly rows: readonly StoredPrediction[];
  readonly onOpen: (prediction: StoredPrediction) => void;
}

const { history } = strings;
const COLUMNS = 8;

function Truth({ row }: { row: StoredPrediction }) {
  const truth = feedbackOf(row);
  if (truth === undefined) return null;
  return <span class={isSame(truth, answerOf(row)) ? 'badge good' : 'badge warn'}>{textOf(truth)}</span>;
}

/** @param index of the row among all rows, from 1 */
function Row({ row, index, onOpen }: { row: StoredPrediction; index: number; onOpen: () => void }) {
  const { predicted_class: label, error_code: code } = row;
  const name = label === null ? history.failed(code ?? '') : textOf(answerOf(row));
  const time = moment(row.timestamp);
  return (
    <tr onClick={onOpen} aria-rowindex={index + 1}>
      <td>
        <Thumbnail id={row.id} />
      </td>
      <td>
        <button
          type="button"
          class="row-open"
          aria-label={history.open(name, time)}
          onClick={(event) => {
            event.stopPropagation();
            onOpen();
          }}
        >
          {label === null ? <span class="badge bad">{name}</span> : name}
        </button>
      </td>
      <td class="number">{percent(row.confidence)}</td>
      <td>
        <Truth row={row} />
      </td>
      <td class="optional">v{row.version ?? strings.none}</td>
      <td class="optional">{Object.entries(history.sources).find(([each]) => each === row.source)?.[1]}</td>
      <td class="number optional">{milliseconds(row.prediction_time_ms)}</td>
      <td class="number">{time}</td>
    </tr>
  );
}

/** Stands for rows that are not in the page. */
function Gap({ height }: { height: number }) {
  if (height === 0) return null;
  return (
    <tbody aria-hidden="true" class="gap">
      <tr>
        <td colSpan={COLUMNS} style={{ height: `${height}px` }} />
      </tr>
    </tbody>
  );
}

/** Only the rows near the view are in the page, however far somebody scrolls. */
export function PredictionTable({ rows, onOpen }: TableProps) {
  const { columns } = history;
  const table = useRef<HTMLTableElement>(null);
  const { first, end, rowHeight } = useRowWindow(table, rows.length);
  return (
    <table ref={table} class="table history-table" aria-rowcount={-1}>
      <thead>
        <tr>
          <th scope="col">{columns.image}</th>
          <th scope="col">{columns.class}</th>
          <th scope="col" class="number">
            {columns.confidence}
          </th>
          <th scope="col">{columns.feedback}</th>
          <th scope="col" class="optional">
            {columns.version}
          </th>
          <th scope="col" class="optional">
            {columns.source}
          </th>
          <th scope="col" class="number optional">
            {columns.latency}
          </th>
          <th scope="col" class="number">
            {columns.time}
          </th>
        </tr>
      </thead>
      <Gap height={first * rowHeight} />
      <tbody>
        {rows.slice(first, end).map((row, index) => (
          <Row key={row.id} row={row} index={first + index + 1} onOpen={() => onOpen(row)} />
        ))}
      </tbody>
      <Gap height={(rows.length - end) * rowHeight} />
    </table>
  );
}
