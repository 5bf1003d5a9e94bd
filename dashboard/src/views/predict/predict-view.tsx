import { useState } from 'preact/hooks';
import { strings } from '../../strings.js';
import { Card, Empty, PageHead } from '../../ui/card.js';
import { Camera } from './camera.js';
import { DropZone } from './drop-zone.js';
import { ResultCard } from './result-card.js';
import { announcement, clearResults, results } from './results.js';
import { Samples } from './samples.js';
import { VersionPicker } from './version-picker.js';

export function PredictView() {
  const [hasCamera, setHasCamera] = useState(false);
  const isEmpty = results.value.length === 0;
  return (
    <>
      <PageHead title={strings.predict.title} lead={strings.predict.lead}>
        <VersionPicker />
      </PageHead>
      <div class="two">
        <div class="stack">
          {hasCamera ? (
            <Camera onClose={() => setHasCamera(false)} />
          ) : (
            <DropZone onCamera={() => setHasCamera(true)} />
          )}
          <Card title={strings.predict.samples}>
            <Samples />
          </Card>
        </div>
        <section class="stack" aria-label={strings.predict.results}>
          {isEmpty ? (
            <Empty text={strings.predict.empty} />
          ) : (
            <>
              <div class="row between">
                <h2>{strings.predict.results}</h2>
                <button type="button" class="button small" onClick={clearResults}>
                  {strings.predict.clear}
                </button>
              </div>
              <ul class="results">
                {results.value.map((result) => (
                  <ResultCard key={result.id} result={result} />
                ))}
              </ul>
            </>
          )}
        </section>
      </div>
      <p class="visually-hidden" aria-live="polite">
        {announcement.value}
      </p>
    </>
  );
}
