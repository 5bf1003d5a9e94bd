import { KeyRound } from 'lucide';
import { useEffect } from 'preact/hooks';
import { AccessKeyButton } from '../../shell/access-key-button.js';
import { modelName, refreshModels } from '../../state/models.js';
import { accessKey, server } from '../../state/server.js';
import { strings } from '../../strings.js';
import { Card, Empty, PageHead } from '../../ui/card.js';
import { Icon } from '../../ui/icon.js';
import { useInterval, useLoaded } from '../../ui/use-loaded.js';
import { Job } from './job.js';
import { LabelNext } from './label-next.js';
import { NewModel } from './new-model.js';
import { StartForm } from './start-form.js';
import { Totals } from './totals.js';
import { Upload } from './upload.js';
import { Uploads } from './uploads.js';

const POLL_MS = 1000;
const text = strings.train;

function KeyHint() {
  return (
    <div class="notice">
      <Icon node={KeyRound} />
      <p>{text.needsKey}</p>
      <AccessKeyButton class="button small" />
    </div>
  );
}

export function TrainView() {
  const key = accessKey.value;
  const model = modelName.value;
  const readData = async () => {
    if (key === '' || model === '') return undefined;
    const [totals, all] = await Promise.all([
      server.value.trainingData({ model, limit: 1 }),
      server.value.uploads(),
    ]);
    return { totals, uploads: all.filter((upload) => upload.model === model) };
  };
  const data = useLoaded(readData, [key, model]);
  const status = useLoaded(() => server.value.retrainStatus(), [key]);
  const isRunning = status.value?.is_retraining === true;
  useInterval(status.reload, POLL_MS, isRunning);
  useEffect(() => {
    // An ended training may have written a version.
    if (!isRunning) refreshModels().catch(() => undefined);
  }, [isRunning]);
  const job = status.value?.job ?? null;
  return (
    <>
      <PageHead title={text.title} lead={text.lead} />
      {key === '' && <KeyHint />}
      <div class="two even">
        <Card title={text.data}>
          <div class="stack">
            <Upload onDone={data.reload} />
            {data.value !== undefined && (
              <>
                <Totals data={data.value.totals} />
                <Uploads uploads={data.value.uploads} onRemove={data.reload} />
              </>
            )}
            {data.problem !== '' && <p class="muted small">{data.problem}</p>}
          </div>
        </Card>
        <div class="stack">
          <Card title={text.settings}>
            <StartForm key={model} isRunning={isRunning} onStart={status.reload} />
          </Card>
          {job === null ? (
            <Empty text={text.never} />
          ) : (
            <Job job={job} memoryBytes={status.value?.memory_bytes ?? null} onCancel={status.reload} />
          )}
          {key !== '' && <NewModel />}
        </div>
      </div>
      {key !== '' && (
        <div class="section">
          <LabelNext model={model} onDone={data.reload} />
        </div>
      )}
    </>
  );
}
