import type { Model, Traffic as TrafficAnswer } from '../../../../clients/typescript/src/answers/models.js';
import { count, milliseconds, percent } from '../../format.js';
import { refreshModels } from '../../state/models.js';
import { accessKey, server } from '../../state/server.js';
import { attempt } from '../../state/toasts.js';
import { strings } from '../../strings.js';
import { Card, Empty } from '../../ui/card.js';
import { useInterval, useLoaded } from '../../ui/use-loaded.js';
import { TrialForm } from './trial-form.js';

const REFRESH_MS = 5000;
const text = strings.model;

function Figures({ versions }: Pick<TrafficAnswer, 'versions'>) {
  const columns = [
    text.percent,
    text.requests,
    text.errorsCount,
    text.p50,
    text.p99,
    text.confidence,
    text.agreement,
    text.feedback,
  ];
  return (
    <div class="table-wrap">
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{text.version}</th>
            {columns.map((name) => (
              <th key={name} scope="col" class="number">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {versions.map((each) => (
            <tr key={`${each.role} ${each.version}`}>
              <td class="row">
                {each.version}
                <span class={each.role === 'active' ? 'badge accent' : 'badge'}>{text.role[each.role]}</span>
              </td>
              <td class="number">{each.percent} %</td>
              <td class="number">{count(each.requests)}</td>
              <td class="number">{count(each.errors)}</td>
              <td class="number">{milliseconds(each.latency_p50_ms)}</td>
              <td class="number">{milliseconds(each.latency_p99_ms)}</td>
              <td class="number">{percent(each.average_confidence)}</td>
              <td class="number">{percent(each.agreement?.share ?? null)}</td>
              <td class="number">{percent(each.feedback.accuracy)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The split of the requests, side by side. */
export function Traffic({ model }: { model: Model }) {
  const name = model.model;
  const inputs = [name, model.active_version, accessKey.value];
  const { value, problem, reload } = useLoaded(() => server.value.traffic(name), inputs);
  useInterval(reload, REFRESH_MS, value?.is_split === true || (value?.versions.length ?? 0) > 1);
  const change = async (work: () => Promise<unknown>): Promise<void> => {
    await attempt(work);
    reload();
    await refreshModels().catch(() => undefined);
  };
  const isTrial = value !== undefined && value.versions.length > 1;
  const actions = isTrial && (
    <>
      {value.versions.some(({ role }) => role === 'canary') && (
        <button
          type="button"
          class="button small primary"
          onClick={() => void change(() => server.value.promote(name))}
        >
          {text.promote}
        </button>
      )}
      <button
        type="button"
        class="button small"
        onClick={() => void change(() => server.value.abortTraffic(name))}
      >
        {text.abort}
      </button>
    </>
  );
  return (
    <Card title={text.traffic} help={text.trafficHelp} actions={actions}>
      {value === undefined ? (
        <Empty text={problem === '' ? strings.loading : problem} />
      ) : (
        <div class="stack">
          <Figures versions={value.versions} />
          {!isTrial && (
            <TrialForm
              model={model}
              onStart={(wanted) => void change(() => server.value.setTraffic(name, wanted))}
            />
          )}
        </div>
      )}
    </Card>
  );
}
