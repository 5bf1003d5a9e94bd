import { useState } from 'preact/hooks';
import type { Model, ModelVersion } from '../../../../clients/typescript/src/answers.js';
import { count, percent } from '../../format.js';
import { currentModel, refreshModels } from '../../state/models.js';
import { accessKey, server } from '../../state/server.js';
import { strings } from '../../strings.js';
import { Card, Empty, PageHead } from '../../ui/card.js';
import { Curves } from '../../ui/curves.js';
import { Stat } from '../../ui/stat.js';
import { useLoaded } from '../../ui/use-loaded.js';
import { ConfusionMatrix } from './confusion-matrix.js';
import { Drift } from './drift.js';
import { Evaluate } from './evaluate.js';
import { ImportCard } from './import/import-card.js';
import { isOpen } from './import/import-state.js';
import { metricsOf } from './metrics.js';
import { PerClass } from './per-class.js';
import { Traffic } from './traffic.js';
import { Versions } from './versions.js';

const text = strings.model;

function TrainingCurves({ model, version }: { model: string; version: ModelVersion }) {
  const isServed = version.is_in_service;
  const read = async () =>
    isServed ? server.value.modelInfo({ model, version: version.version }) : undefined;
  const { value } = useLoaded(read, [model, version.version, isServed, accessKey.value]);
  const curves = value?.training_metadata?.curves ?? [];
  return (
    <Card title={text.curves} class="wide">
      {curves.length > 0 ? <Curves curves={curves} /> : <Empty text={text.noCurves} />}
    </Card>
  );
}

/** One version: what it is worth, and what it gets wrong. */
function VersionDetail({ model, version }: { model: Model; version: ModelVersion }) {
  const id = version.evaluation?.id;
  const read = async () => (id === undefined ? undefined : server.value.evaluation(id));
  const { value: evaluation } = useLoaded(read, [id, accessKey.value]);
  const shown = metricsOf(version, evaluation);
  const refresh = (): void => void refreshModels().catch(() => undefined);
  return (
    <div class="stack">
      {shown === undefined ? (
        <Card title={text.metricsOf(version.version, text.accuracy)}>
          <Empty text={text.noMetrics} />
        </Card>
      ) : (
        <Card title={text.metricsOf(version.version, shown.source)}>
          <dl class="stats">
            <Stat label={text.accuracy} value={percent(shown.metrics.accuracy, 2)} />
            <Stat label={text.top3} value={percent(shown.metrics.top3_accuracy, 2)} />
            <Stat label={text.f1} value={percent(shown.metrics.f1_macro, 2)} />
            <Stat label={text.logLoss} value={shown.metrics.log_loss.toFixed(3)} />
            <Stat label={text.calibration} value={percent(shown.metrics.expected_calibration_error)} />
            <Stat label={text.images} value={count(shown.metrics.images)} />
          </dl>
        </Card>
      )}
      <Evaluate key={version.version} model={model.model} version={version.version} onDone={refresh} />
      {shown !== undefined && (
        <>
          <ConfusionMatrix
            key={`${version.version}`}
            metrics={shown.metrics}
            mistakes={evaluation?.result?.mistakes}
          />
          <PerClass classes={shown.metrics.per_class} />
        </>
      )}
    </div>
  );
}

function Head({ title }: { title: string }) {
  return (
    <>
      <PageHead title={title} lead={text.lead}>
        <button
          type="button"
          class="button"
          aria-expanded={isOpen.value}
          onClick={() => {
            isOpen.value = !isOpen.value;
          }}
        >
          {strings.import.title}
        </button>
      </PageHead>
      {isOpen.value && <ImportCard />}
    </>
  );
}

export function ModelView() {
  const model = currentModel.value;
  const [chosen, setChosen] = useState(0);
  if (model === undefined)
    return (
      <>
        <Head title={text.title} />
        <Empty text={strings.loading} />
      </>
    );
  const version =
    model.versions.find((each) => each.version === chosen) ??
    model.versions.find(({ is_active }) => is_active) ??
    model.versions[0];
  return (
    <>
      <Head title={`${text.title} · ${model.model}`} />
      <div class="two">
        <div class="stack">
          <Versions model={model} chosen={version?.version ?? 0} onChoose={setChosen} />
          <Drift model={model.model} />
        </div>
        {version !== undefined && <VersionDetail model={model} version={version} />}
      </div>
      <div class="stack section">
        <Traffic model={model} />
        {version !== undefined && <TrainingCurves model={model.model} version={version} />}
      </div>
    </>
  );
}
