import type { RetrainStatus, TrainingJob } from '../../../../clients/typescript/src/answers/learning.js';
import { bytes, count, duration, percent } from '../../format.js';
import { refreshModels } from '../../state/models.js';
import { server } from '../../state/server.js';
import { attempt, tell } from '../../state/toasts.js';
import { strings } from '../../strings.js';
import { Card } from '../../ui/card.js';
import { Curves } from '../../ui/curves.js';
import { Stat } from '../../ui/stat.js';

const text = strings.train;
const TONES: Readonly<Record<TrainingJob['state'], string>> = {
  running: 'accent',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'warn',
  interrupted: 'warn',
};

/** 0..1 over all epochs; undefined before the first one. */
function shareOf({
  epoch,
  epochs,
  step,
  steps_per_epoch: steps,
}: TrainingJob['progress']): number | undefined {
  if (epoch === null) return undefined;
  return Math.min(1, (epoch - 1 + (step ?? 0) / Math.max(1, steps ?? 1)) / epochs);
}

function phaseOf(phase: string): string {
  return Object.entries(text.phases).find(([each]) => each === phase)?.[1] ?? phase;
}

function Progress({
  progress,
  memoryBytes,
}: {
  progress: TrainingJob['progress'];
  memoryBytes: number | null;
}) {
  const { phase, epoch, epochs, eta_seconds: eta, images_per_second: speed } = progress;
  return (
    <div class="stack tight" role="status">
      <progress class="progress" aria-label={text.running} value={shareOf(progress)} max={1} />
      <p class="legend number">
        <span>{epoch === null ? phaseOf(phase) : text.epochOf(epoch, epochs)}</span>
        {eta !== null && <span>{text.eta(duration(eta))}</span>}
        {speed !== null && <span>{text.speed(count(Math.round(speed)))}</span>}
        {memoryBytes !== null && <span>{text.memory(bytes(memoryBytes))}</span>}
      </p>
    </div>
  );
}

function Verdict({ model, result }: { model: string; result: NonNullable<TrainingJob['result']> }) {
  const activate = async (): Promise<void> => {
    const done = await attempt(() => server.value.activate(model, result.version));
    if (done === undefined) return;
    tell(strings.model.activated(done.active_version));
    await refreshModels().catch(() => undefined);
  };
  return (
    <div class="stack">
      <dl class="stats">
        <Stat label={strings.model.version} value={String(result.version)} />
        <Stat label={text.validationAccuracy} value={percent(result.validation_accuracy, 2)} />
        {result.test_accuracy !== null && (
          <Stat label={text.testAccuracy} value={percent(result.test_accuracy, 2)} />
        )}
      </dl>
      <div class="row between">
        <p class="break">
          <span class={result.is_activated ? 'badge good' : 'badge'}>
            {result.is_activated ? text.activated : text.notActivated}
          </span>{' '}
          {result.activation}
        </p>
        {!result.is_activated && (
          <button type="button" class="button" onClick={() => void activate()}>
            {text.activate}
          </button>
        )}
      </div>
    </div>
  );
}

/** The running or the last training. */
export function Job({
  job,
  memoryBytes,
  onCancel,
}: {
  job: NonNullable<RetrainStatus['job']>;
  memoryBytes: number | null;
  onCancel: () => void;
}) {
  const cancel = async (): Promise<void> => {
    await attempt(() => server.value.cancelRetraining());
    onCancel();
  };
  const { state, progress, result, error, model } = job;
  const actions = (
    <>
      <span class={`badge ${TONES[state]}`}>{text.state[state]}</span>
      {state === 'running' && (
        <button type="button" class="button small danger" onClick={() => void cancel()}>
          {text.cancelTraining}
        </button>
      )}
    </>
  );
  return (
    <Card
      title={state === 'running' ? `${text.running} · ${model}` : `${text.verdict} · ${model}`}
      actions={actions}
    >
      <div class="stack">
        {state === 'running' && <Progress progress={progress} memoryBytes={memoryBytes} />}
        {error !== null && <p class="break">{error.message}</p>}
        {result !== null && <Verdict model={model} result={result} />}
        {progress.curves.length > 1 && <Curves curves={progress.curves} />}
      </div>
    </Card>
  );
}
