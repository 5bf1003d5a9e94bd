import { Activity, Boxes, GraduationCap, type IconNode, ImageUp, ScrollText } from 'lucide';
import icon from '../icon.svg';
import { hrefOf, VIEWS, type View, view } from '../router.js';
import { assetUrl, baseUrl } from '../state/server.js';
import { strings } from '../strings.js';
import { Icon } from '../ui/icon.js';

const ICONS: Readonly<Record<View, IconNode>> = {
  predict: ImageUp,
  live: Activity,
  history: ScrollText,
  model: Boxes,
  train: GraduationCap,
};

/** A column at the left; on phones a bar at the bottom. */
export function Navigation() {
  return (
    <nav class="nav" aria-label={strings.navigation}>
      <div class="brand">
        <img class="logo" src={assetUrl(icon)} alt="" />
        <span class="brand-name">{strings.product}</span>
      </div>
      <ul class="nav-list">
        {VIEWS.map((each) => (
          <li key={each}>
            <a class="nav-link" href={hrefOf(each)} aria-current={view.value === each ? 'page' : undefined}>
              <Icon node={ICONS[each]} size={19} />
              <span>{strings.views[each]}</span>
            </a>
          </li>
        ))}
      </ul>
      <a class="nav-foot" href={`${baseUrl}/docs`}>
        {strings.apiDocs}
      </a>
    </nav>
  );
}
