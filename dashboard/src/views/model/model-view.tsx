import { strings } from '../../strings.js';
import { PageHead } from '../../ui/card.js';

export function ModelView() {
  return <PageHead title={strings.model.title} lead={strings.model.lead} />;
}
