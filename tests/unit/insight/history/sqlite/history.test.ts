import t from 'tap';
import { openTestHistory } from '../../../../support/history.js';
import { pageTests } from '../behaviour/pages.js';
import { recordTests } from '../behaviour/records.js';
import { severalLabelsTests } from '../behaviour/several-labels.js';
import { statisticsTests } from '../behaviour/statistics.js';
import { uncertaintyTests } from '../behaviour/uncertainty.js';

recordTests(t, openTestHistory);
pageTests(t, openTestHistory);
statisticsTests(t, openTestHistory);
severalLabelsTests(t, openTestHistory);
uncertaintyTests(t, openTestHistory);
