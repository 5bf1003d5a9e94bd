import { useEffect, useState } from 'preact/hooks';
import type {
  Mistake,
  MistakePage,
  MultiLabelMistake,
} from '../../../../clients/typescript/src/answers/learning.js';
import { percent } from '../../format.js';
import { server } from '../../state/server.js';
import { attempt } from '../../state/toasts.js';
import { strings } from '../../strings.js';

interface MistakesProps {
  /** Undefined where the version was not evaluated here. */
  readonly evaluation: string | undefined;
  /** '' for any, as `predicted`. */
  readonly truth: string;
  readonly predicted: string;
}

const PAGE = 24;
const NONE: MistakePage = { total: 0, mistakes: [] };
const text = strings.model;

function describe(mistake: Mistake | MultiLabelMistake): string {
  if ('true_class' in mistake) return text.mistakesOf(mistake.true_class, mistake.predicted_class);
  const listed = (labels: readonly string[]) => (labels.length === 0 ? text.noLabels : labels.join(', '));
  return text.mistakesOf(listed(mistake.true_labels), listed(mistake.predicted_labels));
}

/** The images behind one cell of the confusion matrix, a page at a time. */
export function Mistakes({ evaluation, truth, predicted }: MistakesProps) {
  const [shown, setShown] = useState<MistakePage>();
  const read = async (before: MistakePage): Promise<MistakePage> => {
    if (evaluation === undefined) return NONE;
    const cell = {
      ...(truth !== '' && { true_class: truth }),
      ...(predicted !== '' && { predicted_class: predicted }),
    };
    const page = { offset: before.mistakes.length, limit: PAGE };
    const next = await attempt(() => server.value.mistakes(evaluation, { ...cell, ...page }));
    return next === undefined ? before : { ...next, mistakes: [...before.mistakes, ...next.mistakes] };
  };
  useEffect(() => {
    let isOld = false;
    void read(NONE).then((first) => !isOld && setShown(first));
    return () => {
      isOld = true;
    };
  }, [evaluation, truth, predicted]);
  const { total, mistakes } = shown ?? NONE;
  const left = total - mistakes.length;
  return (
    <div class="stack tight" aria-live="polite">
      {truth !== '' && predicted !== '' && <h3>{text.mistakesOf(truth, predicted)}</h3>}
      {shown !== undefined && total === 0 && (
        <p class="muted small">{evaluation === undefined ? text.evaluateFirst : text.noMistakes}</p>
      )}
      <ul class="mistakes">
        {mistakes.map((mistake, place) => (
          <li key={place}>
            <img src={mistake.thumbnail} alt={describe(mistake)} />
            <span class="small muted number">{percent(mistake.confidence)}</span>
            {'true_labels' in mistake && <p class="small break">{describe(mistake)}</p>}
          </li>
        ))}
      </ul>
      {left > 0 && (
        <button type="button" class="button small" onClick={() => void read(shown ?? NONE).then(setShown)}>
          {text.moreMistakes(left)}
        </button>
      )}
    </div>
  );
}
