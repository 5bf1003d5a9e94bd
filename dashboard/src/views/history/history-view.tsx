import { strings } from '../../strings.js';
import { PageHead } from '../../ui/card.js';

export function HistoryView() {
  return <PageHead title={strings.history.title} lead={strings.history.lead} />;
}
