import { Download } from 'lucide';
import { useState } from 'preact/hooks';
import type { PredictionFilter } from '../../../../clients/typescript/src/answers/history.js';
import { server } from '../../state/server.js';
import { attempt } from '../../state/toasts.js';
import { strings } from '../../strings.js';
import { Icon } from '../../ui/icon.js';

/** Saves through a link: the request must carry the key in a header, which a plain link cannot. */
async function save(format: 'ndjson' | 'csv', filter: PredictionFilter): Promise<void> {
  const url = URL.createObjectURL(await server.value.export(format, filter));
  const link = document.createElement('a');
  link.href = url;
  link.download = `predictions.${format}`;
  link.click();
  URL.revokeObjectURL(url);
}

export function Export({ filter }: { filter: PredictionFilter }) {
  const [isBusy, setIsBusy] = useState(false);
  const run = async (format: 'ndjson' | 'csv'): Promise<void> => {
    setIsBusy(true);
    await attempt(() => save(format, filter));
    setIsBusy(false);
  };
  const { history } = strings;
  return (
    <>
      {(
        [
          ['csv', history.exportCsv],
          ['ndjson', history.exportJson],
        ] as const
      ).map(([format, name]) => (
        <button key={format} type="button" class="button" disabled={isBusy} onClick={() => void run(format)}>
          <Icon node={Download} size={16} />
          {name}
          <span class="visually-hidden">{history.export}</span>
        </button>
      ))}
    </>
  );
}
