import type { ImportReport } from '../../../../../clients/typescript/src/answers/models.js';
import { bytes, rate } from '../../../format.js';
import { hrefOf } from '../../../router.js';
import { chosenModel, models, refreshModels } from '../../../state/models.js';
import { server } from '../../../state/server.js';
import { attempt, tell } from '../../../state/toasts.js';
import { strings } from '../../../strings.js';
import { Stat } from '../../../ui/stat.js';

const text = strings.import;

function Facts({ facts }: Pick<ImportReport, 'facts'>) {
  return (
    <div class="table-wrap">
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{text.fact}</th>
            <th scope="col">{text.value}</th>
            <th scope="col">{text.from}</th>
          </tr>
        </thead>
        <tbody>
          {facts.map(({ fact, value, from }) => (
            <tr key={fact}>
              <td>{fact}</td>
              <td class="break">{value}</td>
              <td class="break">{from}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A new model is loaded by its first request; another version of a model in service needs an activation. */
function NextStep({ model, version }: { model: string; version: number }) {
  const active = models.value.find((each) => each.model === model)?.active_version ?? null;
  const activate = async (): Promise<void> => {
    const done = await attempt(() => server.value.activate(model, version));
    if (done === undefined) return;
    tell(strings.model.activated(done.active_version));
    await refreshModels().catch(() => undefined);
  };
  if (active !== null && active !== version)
    return (
      <button type="button" class="button primary" onClick={() => void activate()}>
        {strings.model.activateOf(version)}
      </button>
    );
  return (
    <a
      class="button primary"
      href={hrefOf('predict')}
      onClick={() => {
        chosenModel.value = model;
      }}
    >
      {text.predict}
    </a>
  );
}

export function Report({ report }: { report: ImportReport }) {
  const { model, version, engine, device, precision, plan_problem: problem, passed_over: others } = report;
  const reasons = [...(problem === null ? [] : [problem]), ...others];
  return (
    <div class="stack">
      <div class="notice" role="status">
        <p>{version === null ? text.tried(model) : text.done(model, version)}</p>
        {version !== null && <NextStep model={model} version={version} />}
      </div>
      <dl class="stats">
        <Stat label={text.format} value={report.format} />
        <Stat label={text.engine} value={`${engine} · ${device} · ${precision}`} />
        <Stat label={text.speed} value={strings.train.speed(rate(report.images_per_second))} />
        <Stat label={text.memory} value={bytes(report.memory_bytes)} />
      </dl>
      <Facts facts={report.facts} />
      {reasons.length > 0 && (
        <details>
          <summary>{text.passedOver}</summary>
          <ul>
            {reasons.map((reason) => (
              <li key={reason} class="small break">
                {reason}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
