import type { StoredPrediction } from '../../../../clients/typescript/src/answers.js';
import { milliseconds, moment, percent } from '../../format.js';
import { strings } from '../../strings.js';
import { Thumbnail } from './thumbnail.js';

interface TableProps {
  readonly rows: readonly StoredPrediction[];
  readonly onOpen: (prediction: StoredPrediction) => void;
}

const { history } = strings;

function Row({ row, onOpen }: { row: StoredPrediction; onOpen: () => void }) {
  const { predicted_class: label, error_code: code, feedback_label: truth } = row;
  const name = label ?? history.failed(code ?? '');
  const time = moment(row.timestamp);
  return (
    <tr onClick={onOpen}>
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
          {label ?? <span class="badge bad">{name}</span>}
        </button>
      </td>
      <td class="number">{percent(row.confidence)}</td>
      <td>{truth !== null && <span class={truth === label ? 'badge good' : 'badge warn'}>{truth}</span>}</td>
      <td class="optional">v{row.version ?? strings.none}</td>
      <td class="optional">{Object.entries(history.sources).find(([each]) => each === row.source)?.[1]}</td>
      <td class="number optional">{milliseconds(row.prediction_time_ms)}</td>
      <td class="number">{time}</td>
    </tr>
  );
}

export function PredictionTable({ rows, onOpen }: TableProps) {
  const { columns } = history;
  return (
    <table class="table history-table">
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
      <tbody>
        {rows.map((row) => (
          <Row key={row.id} row={row} onOpen={() => onOpen(row)} />
        ))}
      </tbody>
    </table>
  );
}
