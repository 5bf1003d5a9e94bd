import { useEffect } from 'preact/hooks';
import { count } from '../../format.js';
import { hrefOf } from '../../router.js';
import { strings } from '../../strings.js';
import { type Bar, Bars } from '../../ui/bars.js';
import { Card, Empty, PageHead } from '../../ui/card.js';
import { Connection, useStaleSeconds } from './connection.js';
import { LiveCharts } from './live-charts.js';
import { latest, listenLive } from './live-state.js';
import { Tiles } from './tiles.js';

const SHOWN_CLASSES = 12;

function barsOf(counts: Readonly<Record<string, number>>): Bar[] {
  const sorted = Object.entries(counts).sort(([, a], [, b]) => b - a);
  const sum = sorted.reduce((total, [, value]) => total + value, 0);
  return sorted.slice(0, SHOWN_CLASSES).map(([label, value]) => ({
    label,
    share: value / Math.max(1, sum),
    text: count(value),
  }));
}

function Counts() {
  const { statistics } = latest.value ?? {};
  const { live } = strings;
  const classes = barsOf(statistics?.predictions_per_class ?? {});
  const errors = barsOf(statistics?.errors_by_code ?? {});
  return (
    <>
      <Card title={live.classes}>
        {statistics === null && <p class="badge warn">{live.historyDown}</p>}
        {classes.length > 0 ? <Bars bars={classes} /> : <Empty text={live.noPredictions} />}
      </Card>
      <Card title={live.errorsByCode}>
        {errors.length > 0 ? <Bars bars={errors} /> : <Empty text={live.noErrors} />}
      </Card>
    </>
  );
}

export function LiveView() {
  useEffect(listenLive, []);
  const staleSeconds = useStaleSeconds();
  const isTraining = latest.value?.training?.state === 'running';
  return (
    <>
      <PageHead title={strings.live.title} lead={strings.live.lead}>
        {isTraining && (
          <a class="button small" href={hrefOf('train')}>
            {strings.live.training}
          </a>
        )}
        <Connection staleSeconds={staleSeconds} />
      </PageHead>
      <div class={staleSeconds === undefined ? '' : 'stale'}>
        <Tiles />
        <div class="grid">
          <LiveCharts />
          <Counts />
        </div>
      </div>
    </>
  );
}
