import type { StoredPrediction, Truth } from '../../../../clients/typescript/src/answers/history.js';
import { percent } from '../../format.js';
import { labels } from '../../state/labels.js';
import { answerOf, textOf } from '../../state/truth.js';
import { strings } from '../../strings.js';
import { Thumbnail } from '../history/thumbnail.js';

const text = strings.train.labelNext;

interface TileProps {
  readonly prediction: StoredPrediction;
  /** Undefined: the image is not labelled. */
  readonly truth: Truth | undefined;
  readonly onTruth: (truth: Truth | undefined) => void;
}

/** All labels, the likeliest first: the digits choose among the first nine. */
function choicesOf({ all_probabilities: probabilities }: StoredPrediction): string[] {
  const likeliest = Object.entries(probabilities ?? {})
    .toSorted(([, a], [, b]) => b - a)
    .map(([label]) => label);
  return [...new Set([...likeliest, ...labels.value])];
}

/** The label that a digit means; undefined for other keys. */
function choiceOf(event: KeyboardEvent, choices: readonly string[]): string | undefined {
  const isPlain = !event.ctrlKey && !event.altKey && !event.metaKey;
  return isPlain && /^[1-9]$/.test(event.key) ? choices[Number(event.key) - 1] : undefined;
}

function choiceText(label: string, place: number): string {
  return place < 9 ? `${place + 1} ${label}` : label;
}

function focusNext({ currentTarget }: KeyboardEvent): void {
  if (!(currentTarget instanceof HTMLElement)) return;
  const next = currentTarget.closest('li')?.nextElementSibling?.querySelector('select, input');
  if (next instanceof HTMLElement) next.focus();
}

/** An image that has one class. */
function ClassTile({ prediction, truth, onTruth }: TileProps) {
  const choices = choicesOf(prediction);
  const answer = prediction.predicted_class ?? '';
  const choose = (label: string): void => onTruth(label === '' ? undefined : { label });
  const onKeyDown = (event: KeyboardEvent): void => {
    const choice = choiceOf(event, choices);
    if (choice === undefined) return;
    event.preventDefault();
    choose(choice);
    focusNext(event);
  };
  return (
    <li>
      <Thumbnail id={prediction.id} />
      <select
        class="select"
        aria-label={text.of(answer, percent(prediction.confidence ?? 0))}
        value={truth !== undefined && 'label' in truth ? truth.label : ''}
        onChange={({ currentTarget }) => choose(currentTarget.value)}
        onKeyDown={onKeyDown}
      >
        <option value="">{text.skip(answer)}</option>
        {choices.map((each, place) => (
          <option key={each} value={each}>
            {choiceText(each, place)}
          </option>
        ))}
      </select>
    </li>
  );
}

/** An image that has any number of labels: those that the model says are ticked at first. */
function LabelsTile({ prediction, truth, onTruth }: TileProps) {
  const choices = choicesOf(prediction);
  const answer = answerOf(prediction);
  const shown = truth ?? answer;
  const ticked = 'labels' in shown ? shown.labels : [];
  const turn = (label: string): void =>
    onTruth({
      labels: ticked.includes(label) ? ticked.filter((each) => each !== label) : [...ticked, label],
    });
  const onKeyDown = (event: KeyboardEvent): void => {
    const choice = choiceOf(event, choices);
    if (choice === undefined && event.key !== 'Enter') return;
    event.preventDefault();
    if (choice === undefined) {
      onTruth(shown);
      focusNext(event);
    } else turn(choice);
  };
  return (
    <li>
      <Thumbnail id={prediction.id} />
      <fieldset class="choices" onKeyDown={onKeyDown}>
        <legend class="visually-hidden">{text.ofSeveral(textOf(answer))}</legend>
        {choices.map((each, place) => (
          <label key={each} class="check small">
            <input type="checkbox" checked={ticked.includes(each)} onChange={() => turn(each)} />
            <span>{choiceText(each, place)}</span>
          </label>
        ))}
      </fieldset>
      <label class="check small complete">
        <input
          type="checkbox"
          checked={truth !== undefined}
          onChange={({ currentTarget }) => onTruth(currentTarget.checked ? shown : undefined)}
        />
        <span>{text.complete}</span>
      </label>
    </li>
  );
}

/** A kept image and what it shows. */
export function LabelTile(tile: TileProps) {
  return tile.prediction.labels === undefined ? <ClassTile {...tile} /> : <LabelsTile {...tile} />;
}
