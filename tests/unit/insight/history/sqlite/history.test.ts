import t from 'tap';
import { openTestHistory } from '../../../../support/history.js';
import { pageTests } from '../behaviour/pages.js';
import { recordTests } from '../behaviour/records.js';
import { reviewOrderTests } from '../behaviour/review-order.js';
import { severalLabelsTests } from '../behaviour/several-labels.js';
import { statisticsTests } from '../behaviour/statistics.js';

recordTests(t, openTestHistory);
pageTests(t, openTestHistory);
statisticsTests(t, openTestHistory);
severalLabelsTests(t, openTestHistory);
reviewOrderTests(t, openTestHistory);
