import type { StoredPrediction } from '../../../../clients/typescript/src/answers/history.js';
import { milliseconds, moment } from '../../format.js';
import { labels } from '../../state/labels.js';
import { modelName } from '../../state/models.js';
import { answerOf, feedbackOf, textOf, withFeedback } from '../../state/truth.js';
import { strings } from '../../strings.js';
import { Bars } from '../../ui/bars.js';
import { Dialog } from '../../ui/dialog.js';
import { FeedbackForm } from '../../ui/feedback-form.js';
import { useKeptImage } from './thumbnail.js';

interface DetailProps {
  readonly prediction: StoredPrediction;
  readonly onClose: () => void;
  readonly onChange: (prediction: StoredPrediction) => void;
}

const SHOWN_CLASSES = 10;
const { history } = strings;

function factsOf(prediction: StoredPrediction): [string, string][] {
  const { times } = strings.predict;
  const { image_width: width, image_height: height, image_format: format } = prediction;
  const size = width === null ? strings.none : `${width} × ${height}, ${format ?? ''}`;
  const source = Object.entries(history.sources).find(([name]) => name === prediction.source)?.[1];
  return [
    [history.columns.time, moment(prediction.timestamp)],
    [strings.model.picker, `${prediction.model ?? strings.none} v${prediction.version ?? strings.none}`],
    [history.columns.source, source ?? prediction.source],
    [history.columns.latency, milliseconds(prediction.prediction_time_ms)],
    [times.queue, milliseconds(prediction.queue_ms)],
    [times.decode, milliseconds(prediction.decode_ms)],
    [times.inference, milliseconds(prediction.inference_ms)],
    [history.image, size],
    [history.hash, prediction.image_sha256 ?? strings.none],
    [history.id, prediction.id],
    [history.request, prediction.request_id ?? strings.none],
  ];
}

function Correction({ prediction, onChange }: Omit<DetailProps, 'onClose'>) {
  const known = feedbackOf(prediction);
  const isOfChosenModel = prediction.model === modelName.value && labels.value.length > 0;
  const choices = isOfChosenModel ? labels.value : Object.keys(prediction.all_probabilities ?? {});
  return (
    <div class="stack tight">
      <h3>{history.correct}</h3>
      {known !== undefined && <p class="badge good">{history.corrected(textOf(known))}</p>}
      <FeedbackForm
        predictionId={prediction.id}
        labels={choices}
        initial={known ?? answerOf(prediction)}
        submit={history.save}
        onSaved={(truth) => onChange(withFeedback(prediction, truth))}
      />
    </div>
  );
}

/** One prediction in full. */
export function Detail({ prediction, onClose, onChange }: DetailProps) {
  const {
    id,
    predicted_class: label,
    error_code: code,
    all_probabilities: all,
    labels: several,
  } = prediction;
  const name = label === null ? history.failed(code ?? '') : textOf(answerOf(prediction));
  const isStrong = (each: string) => several?.some((own) => own.class === each) ?? each === label;
  const url = useKeptImage(id, true);
  const ranked = Object.entries(all ?? {}).sort(([, a], [, b]) => b - a);
  return (
    <Dialog kind="side" title={name} onClose={onClose}>
      <div class="stack">
        <div class="detail-image">
          {url === '' ? <p class="muted small empty">{history.noImageWhy}</p> : <img src={url} alt={name} />}
        </div>
        {ranked.length > 0 && (
          <div class="stack tight">
            <h3>{history.probabilities}</h3>
            <Bars
              bars={ranked
                .slice(0, SHOWN_CLASSES)
                .map(([each, share]) => ({ label: each, share, isStrong: isStrong(each) }))}
            />
          </div>
        )}
        {label !== null && <Correction prediction={prediction} onChange={onChange} />}
        <dl class="facts small">
          {factsOf(prediction).map(([name, value]) => [
            <dt key={name}>{name}</dt>,
            <dd key={`${name}:`} class="break number">
              {value}
            </dd>,
          ])}
        </dl>
      </div>
    </Dialog>
  );
}
