import { Check } from 'lucide';
import { useState } from 'preact/hooks';
import type { Truth } from '../../../../clients/typescript/src/answers/history.js';
import type { Prediction } from '../../../../clients/typescript/src/client.js';
import { server } from '../../state/server.js';
import { attempt } from '../../state/toasts.js';
import { answerOf, storedTruth, textOf } from '../../state/truth.js';
import { strings } from '../../strings.js';
import { FeedbackForm } from '../../ui/feedback-form.js';
import { Icon } from '../../ui/icon.js';

/** "Was this right?" */
export function Feedback({ prediction }: { prediction: Prediction }) {
  const [stored, setStored] = useState<Truth>();
  const [isWrong, setIsWrong] = useState(false);
  const { prediction_id: id, all_probabilities: all } = prediction;
  const answer = answerOf(prediction);
  const confirm = async (): Promise<void> => {
    const saved = await attempt(() => server.value.feedback(id, answer));
    if (saved !== undefined) setStored(storedTruth(saved));
  };
  if (stored !== undefined)
    return (
      <span class="badge good" role="status">
        <Icon node={Check} size={13} />
        {strings.predict.thanks(textOf(stored))}
      </span>
    );
  if (isWrong)
    return (
      <FeedbackForm
        predictionId={id}
        labels={Object.keys(all)}
        initial={answer}
        submit={strings.predict.send}
        onSaved={setStored}
      />
    );
  return (
    <div class="row">
      <span class="muted small">{strings.predict.wasRight}</span>
      <button type="button" class="button small" onClick={() => void confirm()}>
        {strings.predict.yes}
      </button>
      <button type="button" class="button small" onClick={() => setIsWrong(true)}>
        {strings.predict.no}
      </button>
    </div>
  );
}
