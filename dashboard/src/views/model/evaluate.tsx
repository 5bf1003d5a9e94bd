import { useEffect, useState } from 'preact/hooks';
import type { EvaluationSummary } from '../../../../clients/typescript/src/answers/learning.js';
import { percent } from '../../format.js';
import { DATA_OPTIONS, type DataName, dataNameOf } from '../../state/data-names.js';
import { server } from '../../state/server.js';
import { attempt, tell, tellError } from '../../state/toasts.js';
import { strings } from '../../strings.js';
import { Card } from '../../ui/card.js';
import { NumberField, SelectField } from '../../ui/field.js';

interface EvaluateProps {
  readonly model: string;
  readonly version: number;
  /** A new evaluation has ended. */
  readonly onDone: () => void;
}

const POLL_MS = 700;
/** The server keeps at most this many mistakes. */
const MISTAKES = 500;
const text = strings.model;

/** Follows an evaluation until it ends. */
function useEvaluation(onDone: () => void) {
  const [running, setRunning] = useState<EvaluationSummary>();
  const id = running?.id;
  useEffect(() => {
    if (id === undefined) return undefined;
    const timer = setInterval(() => {
      server.value.evaluation(id).then(
        (found) => {
          if (found.state === 'running') return setRunning(found);
          setRunning(undefined);
          if (found.state === 'succeeded') tell(text.evaluated(percent(found.accuracy)));
          else tellError(new Error(found.error?.message ?? found.state));
          onDone();
        },
        (error: unknown) => {
          setRunning(undefined);
          tellError(error);
        },
      );
    }, POLL_MS);
    return () => clearInterval(timer);
  }, [id, onDone]);
  return { running, setRunning };
}

export function Evaluate({ model, version, onDone }: EvaluateProps) {
  const [data, setData] = useState<DataName | ''>('');
  const [split, setSplit] = useState<'test' | 'train'>('test');
  const [limit, setLimit] = useState('');
  const { running, setRunning } = useEvaluation(onDone);
  const start = async (event: Event): Promise<void> => {
    event.preventDefault();
    const wanted = {
      model,
      version,
      split,
      mistakes: MISTAKES,
      ...(data !== '' && { data }),
      ...(limit !== '' && { limit: Number(limit) }),
    };
    const started = await attempt(() => server.value.evaluate(wanted));
    if (started !== undefined) setRunning(started);
  };
  const { images_done: done = 0, images_total: total = null } = running?.progress ?? {};
  return (
    <Card title={text.evaluate}>
      <form class="stack" onSubmit={(event) => void start(event)}>
        <div class="filters">
          <SelectField
            label={text.evaluateData}
            value={data}
            options={DATA_OPTIONS}
            onChange={(value) => setData(dataNameOf(value))}
          />
          <SelectField
            label={text.evaluateSplit}
            value={split}
            options={[
              ['test', strings.train.testImages],
              ['train', strings.train.trainImages],
            ]}
            onChange={(value) => setSplit(value === 'train' ? 'train' : 'test')}
          />
          <NumberField label={text.evaluateLimit} value={limit} min={1} max={10_000_000} onInput={setLimit} />
          <button type="submit" class="button primary" disabled={running !== undefined}>
            {text.evaluate}
          </button>
        </div>
        {running !== undefined && (
          <div class="stack tight" role="status">
            <progress
              class="progress"
              aria-label={text.evaluate}
              value={total === null ? undefined : done}
              max={total ?? 1}
            />
            <p class="muted small number">{text.evaluating(done, total)}</p>
          </div>
        )}
      </form>
    </Card>
  );
}
