import { X } from 'lucide';
import { useState } from 'preact/hooks';
import type { Prediction } from '../../../../clients/typescript/src/client.js';
import { milliseconds } from '../../format.js';
import { AccessKeyButton } from '../../shell/access-key-button.js';
import { strings } from '../../strings.js';
import { Bars } from '../../ui/bars.js';
import { Icon } from '../../ui/icon.js';
import { Feedback } from './feedback.js';
import { type Result, removeResult } from './results.js';
import type { Times } from './times.js';

const SHOWN_CLASSES = 3;

function Probabilities({ prediction }: { prediction: Prediction }) {
  const [isOpen, setIsOpen] = useState(false);
  const ranked = Object.entries(prediction.all_probabilities).sort(([, a], [, b]) => b - a);
  const shown = isOpen ? ranked : ranked.slice(0, SHOWN_CLASSES);
  const hidden = ranked.length - SHOWN_CLASSES;
  const labels = prediction.labels?.map((each) => each.class);
  const isStrong = (label: string, index: number) => labels?.includes(label) ?? index === 0;
  return (
    <div class="stack tight">
      <Bars
        bars={shown.map(([label, share], index) => ({ label, share, isStrong: isStrong(label, index) }))}
      />
      {hidden > 0 && (
        <button type="button" class="link small" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
          {isOpen ? strings.predict.less : strings.predict.more(hidden)}
        </button>
      )}
    </div>
  );
}

/** A bar whose parts are the queue, decoding and inference. */
function TimeBar({ times }: { times: Times }) {
  const { times: names, timing } = strings.predict;
  const parts = (['queue', 'decode', 'inference'] as const).map((part) => ({ part, ms: times[part] }));
  const text = parts.map(({ part, ms }) => `${names[part]} ${milliseconds(ms)}`).join(', ');
  return (
    <div class="row small muted" title={text}>
      <span class="timebar" aria-hidden="true">
        {parts.map(({ part, ms }) => (
          <span key={part} style={{ width: `${(100 * ms) / Math.max(times.total, 0.001)}%` }} />
        ))}
      </span>
      <span>{timing(milliseconds(times.total))}</span>
      <span class="visually-hidden">{text}</span>
    </div>
  );
}

function Done({ prediction }: { prediction: Prediction }) {
  const { labels, predicted_class, unfamiliar = false } = prediction;
  const several = labels?.map((each) => each.class).join(', ');
  return (
    <>
      <p class="result-label">{several === '' ? strings.predict.noLabel : (several ?? predicted_class)}</p>
      {unfamiliar && (
        <p>
          <span class="badge warn">{strings.predict.unfamiliar}</span>
        </p>
      )}
      <Probabilities prediction={prediction} />
    </>
  );
}

function Foot({ prediction, times }: { prediction: Prediction; times: Times }) {
  return (
    <footer class="result-foot">
      <Feedback prediction={prediction} />
      <div class="row">
        <TimeBar times={times} />
        <span class="badge">
          {prediction.model} v{prediction.model_version}
        </span>
      </div>
    </footer>
  );
}

function Failed({ message, needsKey }: { message: string; needsKey: boolean }) {
  return (
    <div class="stack tight">
      <p class="badge bad">{strings.errors.title}</p>
      <p class="break">{message}</p>
      {needsKey && <AccessKeyButton class="link" />}
    </div>
  );
}

export function ResultCard({ result }: { result: Result }) {
  const { id, name, url, outcome } = result;
  return (
    <li
      class={outcome.state === 'failed' ? 'result failed' : 'result'}
      aria-busy={outcome.state === 'running'}
    >
      <div>
        <img class="result-image" src={url} alt="" />
      </div>
      <div class="stack tight">
        <div class="result-head">
          <span class="result-name muted small" title={name}>
            {name}
          </span>
          <button
            type="button"
            class="button ghost square small"
            aria-label={strings.predict.remove(name)}
            onClick={() => removeResult(id)}
          >
            <Icon node={X} size={15} />
          </button>
        </div>
        {outcome.state === 'running' && <p class="muted">{strings.predict.running}</p>}
        {outcome.state === 'failed' && <Failed message={outcome.message} needsKey={outcome.needsKey} />}
        {outcome.state === 'done' && <Done prediction={outcome.prediction} />}
      </div>
      {outcome.state === 'done' && <Foot prediction={outcome.prediction} times={outcome.times} />}
    </li>
  );
}
