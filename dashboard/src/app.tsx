import { useEffect } from 'preact/hooks';
import { view } from './router.js';
import { AccessKeyDialog } from './shell/access-key-dialog.js';
import { Navigation } from './shell/navigation.js';
import { Toasts } from './shell/toasts.js';
import { TopBar } from './shell/top-bar.js';
import { watchLabels } from './state/labels.js';
import { watchServer } from './state/models.js';
import { strings } from './strings.js';
import { HistoryView } from './views/history/history-view.js';
import { LiveView } from './views/live/live-view.js';
import { ModelView } from './views/model/model-view.js';
import { PredictView } from './views/predict/predict-view.js';
import { TrainView } from './views/train/train-view.js';

const PAGES = {
  predict: PredictView,
  live: LiveView,
  history: HistoryView,
  model: ModelView,
  train: TrainView,
} as const;

export function App() {
  useEffect(watchServer, []);
  useEffect(watchLabels, []);
  const Page = PAGES[view.value];
  useEffect(() => {
    document.title = strings.titleOf(strings.views[view.value]);
    scrollTo(0, 0);
  }, [view.value]);
  return (
    <div class="app">
      <button type="button" class="skip" onClick={focusContent}>
        {strings.skip}
      </button>
      <Navigation />
      <div class="main">
        <TopBar />
        <main id="content" class="content" tabIndex={-1}>
          <Page />
        </main>
      </div>
      <AccessKeyDialog />
      <Toasts />
    </div>
  );
}

/** A button in place of a link: the fragment names the view. */
function focusContent(): void {
  document.getElementById('content')?.focus();
}
