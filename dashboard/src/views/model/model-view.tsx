import { useState } from 'preact/hooks';
import type { Model, ModelVersion } from '../../../../clients/typescript/src/answers/models.js';
import { currentModel, refreshModels } from '../../state/models.js';
import { accessKey, server } from '../../state/server.js';
import { strings } from '../../strings.js';
import { Card, Empty, PageHead } from '../../ui/card.js';
import { Curves } from '../../ui/curves.js';
import { useLoaded } from '../../ui/use-loaded.js';
import { ConfusionMatrix } from './confusion-matrix.js';
import { Drift } from './drift.js';
import { Evaluate } from './evaluate.js';
import { ImportCard } from './import/import-card.js';
import { isOpen } from './import/import-state.js';
import { LabelMistakes } from './label-mistakes.js';
import { metricsOf } from './metrics.js';
import { MetricsCard } from './metrics-card.js';
import { PerClass } from './per-class.js';
import { Traffic } from './traffic.js';
import { Versions } from './versions.js';

const text = strings.model;

function TrainingCurves({ model, version }: { model: string; version: number }) {
  const read = () => server.value.version(model, version);
  const { value } = useLoaded(read, [model, version, accessKey.value]);
  const curves = value?.version === version ? value.curves : [];
  return (
    <Card title={text.curves} class="wide">
      {curves.length > 1 ? <Curves curves={curves} /> : <Empty text={text.noCurves} />}
    </Card>
  );
}

/** One version: what it is worth, and what it gets wrong. */
function VersionDetail({ model, version }: { model: Model; version: ModelVersion }) {
  const id = version.evaluation?.id;
  const read = async () => (id === undefined ? undefined : server.value.evaluation(id, { mistakes: 0 }));
  const { value: evaluation } = useLoaded(read, [id, accessKey.value]);
  const evaluated = evaluation?.result == null ? undefined : evaluation.id;
  const shown = metricsOf(version, evaluation);
  const refresh = (): void => void refreshModels().catch(() => undefined);
  return (
    <div class="stack">
      {shown === undefined ? (
        <Card title={text.metricsOf(version.version, text.accuracy)}>
          <Empty text={text.noMetrics} />
        </Card>
      ) : (
        <MetricsCard title={text.metricsOf(version.version, shown.source)} metrics={shown.metrics} />
      )}
      <Evaluate key={version.version} model={model.model} version={version.version} onDone={refresh} />
      {shown !== undefined && (
        <>
          {'confusion_matrix' in shown.metrics ? (
            <ConfusionMatrix key={version.version} metrics={shown.metrics} evaluation={evaluated} />
          ) : (
            <LabelMistakes key={version.version} classes={shown.metrics.per_class} evaluation={evaluated} />
          )}
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
        {version !== undefined && <TrainingCurves model={model.model} version={version.version} />}
      </div>
    </>
  );
}
