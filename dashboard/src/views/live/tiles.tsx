import { bytes, count, milliseconds, percent, rate } from '../../format.js';
import { strings } from '../../strings.js';
import { Stat } from '../../ui/stat.js';
import { latest, points } from './live-state.js';

export function Tiles() {
  const { live } = strings;
  const point = points.value.at(-1);
  const { usage, statistics } = latest.value ?? {};
  const tiles: { label: string; value: string; unit?: string }[] = [
    { label: live.rate, value: point?.perSecond == null ? '–' : rate(point.perSecond), unit: live.perSecond },
    { label: live.p50, value: milliseconds(point?.p50 ?? null) },
    { label: live.p99, value: milliseconds(point?.p99 ?? null) },
    { label: live.queue, value: count(point?.inFlight ?? 0) },
    { label: live.batch, value: point?.batchSize == null ? '–' : point.batchSize.toFixed(1) },
    { label: live.total, value: count(statistics?.total_predictions ?? 0) },
    { label: live.errors, value: count(statistics?.total_errors ?? 0) },
    { label: live.confidence, value: percent(statistics?.average_confidence ?? null) },
    { label: live.cpu, value: usage == null ? '–' : percent(usage.cpu_cores, 0) },
    { label: live.memory, value: usage == null ? '–' : bytes(usage.resident_bytes) },
    ...(usage?.gpus ?? []).flatMap(({ index, utilization, used_bytes }) => [
      { label: `${live.gpu} ${index}`, value: percent(utilization, 0) },
      { label: `${live.gpuMemory} ${index}`, value: bytes(used_bytes) },
    ]),
  ];
  return (
    <dl class="tiles">
      {tiles.map((tile) => (
        <Stat key={tile.label} {...tile} class="tile" />
      ))}
    </dl>
  );
}
