import type { TrainingData } from '../../../../clients/typescript/src/answers/learning.js';
import { bytes, count } from '../../format.js';
import { strings } from '../../strings.js';
import { Bars } from '../../ui/bars.js';
import { Empty } from '../../ui/card.js';

const text = strings.train;

/** The number of uploaded images of each label. */
export function Totals({ data }: { data: TrainingData }) {
  const most = Math.max(1, ...data.totals.map(({ train, test }) => train + test));
  if (data.totals.length === 0) return <Empty text={text.noData} />;
  return (
    <div class="stack tight">
      <div class="row between">
        <h3>{text.totals}</h3>
        <span class="muted small number">
          {bytes(data.bytes)} / {bytes(data.max_bytes)}
        </span>
      </div>
      <Bars
        bars={data.totals.map(({ label, train, test }) => ({
          label: label === '' ? text.noLabel : label,
          share: (train + test) / most,
          text: `${count(train)} ${text.trainImages} · ${count(test)} ${text.testImages}`,
        }))}
      />
    </div>
  );
}
