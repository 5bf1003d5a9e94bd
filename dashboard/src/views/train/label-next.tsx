import { useRef, useState } from 'preact/hooks';
import type { PredictionSort, Truth } from '../../../../clients/typescript/src/answers/history.js';
import { task } from '../../state/labels.js';
import { accessKey, server } from '../../state/server.js';
import { attempt, tell } from '../../state/toasts.js';
import { strings } from '../../strings.js';
import { Card } from '../../ui/card.js';
import { SelectField } from '../../ui/field.js';
import { useLoaded } from '../../ui/use-loaded.js';
import { LabelTile } from './label-tiles.js';

type ReviewSort = Exclude<PredictionSort, 'newest'>;
const SORTS: readonly ReviewSort[] = ['margin', 'entropy', 'distance'];

const IMAGES = 24;
const text = strings.train.labelNext;

/** The kept images of which the model was least sure, or that are least like its training images. Their labels go to the training data. */
export function LabelNext({ model, onDone }: { model: string; onDone: () => void }) {
  const [sort, setSort] = useState<ReviewSort>('margin');
  /** By prediction. */
  const [truths, setTruths] = useState<ReadonlyMap<string, Truth>>(new Map());
  const [isSending, setIsSending] = useState(false);
  const grid = useRef<HTMLUListElement>(null);
  const read = async () =>
    model === ''
      ? []
      : (await server.value.predictions({ model, sort, has_feedback: false, limit: IMAGES })).predictions;
  const { value: predictions = [], problem, reload } = useLoaded(read, [model, sort, accessKey.value]);
  const told = predictions.flatMap(({ id }) => {
    const truth = truths.get(id);
    return truth === undefined ? [] : [{ prediction_id: id, ...truth }];
  });
  const setTruth = (id: string, truth: Truth | undefined): void =>
    setTruths((last) => {
      const others = [...last].filter(([each]) => each !== id);
      return new Map(truth === undefined ? others : [...others, [id, truth]]);
    });
  const add = async (event: Event): Promise<void> => {
    event.preventDefault();
    setIsSending(true);
    const added = await attempt(() => server.value.labelPredictions(model, told));
    setIsSending(false);
    if (added === undefined) return;
    setTruths(new Map());
    tell(text.added(added.results.length, added.files_saved));
    reload();
    onDone();
    const first = grid.current?.querySelector('select, input');
    if (first instanceof HTMLElement) first.focus();
  };
  return (
    <Card
      title={text.title}
      help={text.help(task.value)}
      actions={
        <SelectField
          label={text.sort}
          isLabelHidden
          value={sort}
          options={SORTS.map((each) => [each, text.sorts[task.value][each]])}
          onChange={(value) => setSort(SORTS.find((each) => each === value) ?? 'margin')}
        />
      }
    >
      <form class="stack" onSubmit={(event) => void add(event)}>
        {problem !== '' && <p class="muted small">{problem}</p>}
        {problem === '' && predictions.length === 0 && <p class="muted small">{text.none}</p>}
        <ul class="label-next" ref={grid}>
          {predictions.map((prediction) => (
            <LabelTile
              key={prediction.id}
              prediction={prediction}
              truth={truths.get(prediction.id)}
              onTruth={(truth) => setTruth(prediction.id, truth)}
            />
          ))}
        </ul>
        {predictions.length > 0 && (
          <button type="submit" class="button primary" disabled={isSending || told.length === 0}>
            {text.add(told.length)}
          </button>
        )}
      </form>
    </Card>
  );
}
