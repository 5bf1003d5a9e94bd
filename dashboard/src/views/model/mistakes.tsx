import { useEffect, useState } from 'preact/hooks';
import type { MistakePage } from '../../../../clients/typescript/src/answers/learning.js';
import { percent } from '../../format.js';
import { server } from '../../state/server.js';
import { attempt } from '../../state/toasts.js';
import { strings } from '../../strings.js';

interface MistakesProps {
  /** Undefined where the version was not evaluated here. */
  readonly evaluation: string | undefined;
  readonly truth: string;
  readonly predicted: string;
}

const PAGE = 24;
const NONE: MistakePage = { total: 0, mistakes: [] };
const text = strings.model;

/** The images behind one cell of the confusion matrix, a page at a time. */
export function Mistakes({ evaluation, truth, predicted }: MistakesProps) {
  const [shown, setShown] = useState<MistakePage>();
  const read = async (before: MistakePage): Promise<MistakePage> => {
    if (evaluation === undefined) return NONE;
    const cell = { true_class: truth, predicted_class: predicted };
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
      <h3>{text.mistakesOf(truth, predicted)}</h3>
      {shown !== undefined && total === 0 && (
        <p class="muted small">{evaluation === undefined ? text.evaluateFirst : text.noMistakes}</p>
      )}
      <ul class="mistakes">
        {mistakes.map(({ thumbnail, confidence }, place) => (
          <li key={place}>
            <img src={thumbnail} alt={text.mistakesOf(truth, predicted)} />
            <span class="small muted number">{percent(confidence)}</span>
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
