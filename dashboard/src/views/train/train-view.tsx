import { strings } from '../../strings.js';
import { PageHead } from '../../ui/card.js';

export function TrainView() {
  return <PageHead title={strings.train.title} lead={strings.train.lead} />;
}
