import { useRef, useState } from 'preact/hooks';
import type { PredictionSort, StoredPrediction } from '../../../../clients/typescript/src/answers/history.js';
import { percent } from '../../format.js';
import { labels } from '../../state/labels.js';
import { accessKey, server } from '../../state/server.js';
import { attempt, tell } from '../../state/toasts.js';
import { strings } from '../../strings.js';
import { Card } from '../../ui/card.js';
import { SelectField } from '../../ui/field.js';
import { useLoaded } from '../../ui/use-loaded.js';
import { Thumbnail } from '../history/thumbnail.js';

type ReviewSort = Exclude<PredictionSort, 'newest'>;
const SORTS: readonly ReviewSort[] = ['margin', 'entropy', 'distance'];

const IMAGES = 24;
const text = strings.train.labelNext;
/** Labels chosen, by prediction. */
type Chosen = Readonly<Record<string, string>>;

/** All labels, the likeliest first: the digits choose among the first nine. */
function choicesOf({ all_probabilities: probabilities }: StoredPrediction): string[] {
  const likeliest = Object.entries(probabilities ?? {})
    .toSorted(([, a], [, b]) => b - a)
    .map(([label]) => label);
  return [...new Set([...likeliest, ...labels.value])];
}

interface TileProps {
  readonly prediction: StoredPrediction;
  readonly label: string;
  readonly onLabel: (label: string) => void;
}

function Tile({ prediction, label, onLabel }: TileProps) {
  const choices = choicesOf(prediction);
  const answer = prediction.predicted_class ?? '';
  const onKeyDown = (event: KeyboardEvent): void => {
    const choice = /^[1-9]$/.test(event.key) ? choices[Number(event.key) - 1] : undefined;
    if (choice === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    onLabel(choice);
    if (event.currentTarget instanceof HTMLElement)
      event.currentTarget.closest('li')?.nextElementSibling?.querySelector('select')?.focus();
  };
  return (
    <li>
      <Thumbnail id={prediction.id} />
      <select
        class="select"
        aria-label={text.of(answer, percent(prediction.confidence ?? 0))}
        value={label}
        onChange={({ currentTarget }) => onLabel(currentTarget.value)}
        onKeyDown={onKeyDown}
      >
        <option value="">{text.skip(answer)}</option>
        {choices.map((each, place) => (
          <option key={each} value={each}>
            {place < 9 ? `${place + 1} ${each}` : each}
          </option>
        ))}
      </select>
    </li>
  );
}

/** The kept images of which the model was least sure, or that are least like its training images. Their labels go to the training data. */
export function LabelNext({ model, onDone }: { model: string; onDone: () => void }) {
  const [sort, setSort] = useState<ReviewSort>('margin');
  const [chosen, setChosen] = useState<Chosen>({});
  const [isSending, setIsSending] = useState(false);
  const grid = useRef<HTMLUListElement>(null);
  const read = async () =>
    model === ''
      ? []
      : (await server.value.predictions({ model, sort, has_feedback: false, limit: IMAGES })).predictions;
  const { value: predictions = [], problem, reload } = useLoaded(read, [model, sort, accessKey.value]);
  const single = predictions.filter((prediction) => prediction.labels === undefined);
  const told = single.flatMap(({ id }) =>
    chosen[id] === undefined || chosen[id] === '' ? [] : [{ prediction_id: id, label: chosen[id] }],
  );
  const add = async (event: Event): Promise<void> => {
    event.preventDefault();
    setIsSending(true);
    const added = await attempt(() => server.value.labelPredictions(model, told));
    setIsSending(false);
    if (added === undefined) return;
    setChosen({});
    tell(text.added(added.results.length, added.files_saved));
    reload();
    onDone();
    grid.current?.querySelector('select')?.focus();
  };
  return (
    <Card
      title={text.title}
      help={text.help}
      actions={
        <SelectField
          label={text.sort}
          isLabelHidden
          value={sort}
          options={SORTS.map((each) => [each, text.sorts[each]])}
          onChange={(value) => setSort(SORTS.find((each) => each === value) ?? 'margin')}
        />
      }
    >
      <form class="stack" onSubmit={(event) => void add(event)}>
        {problem !== '' && <p class="muted small">{problem}</p>}
        {problem === '' && single.length === 0 && (
          <p class="muted small">{predictions.length > 0 ? text.several : text.none}</p>
        )}
        <ul class="label-next" ref={grid}>
          {single.map((prediction) => (
            <Tile
              key={prediction.id}
              prediction={prediction}
              label={chosen[prediction.id] ?? ''}
              onLabel={(label) => setChosen((last) => ({ ...last, [prediction.id]: label }))}
            />
          ))}
        </ul>
        {single.length > 0 && (
          <button type="submit" class="button primary" disabled={isSending || told.length === 0}>
            {text.add(told.length)}
          </button>
        )}
      </form>
    </Card>
  );
}
