import t from 'tap';
import { BoundedReport } from '../../../src/platform/bounded-report.js';

t.test('the first failure is reported at once, later ones once an interval with their number', async (t) => {
  let nowMs = 0;
  const reports: unknown[] = [];
  const failures = new BoundedReport({
    report: (error, count) => reports.push([error, count]),
    intervalMs: 100,
    now: () => nowMs,
  });
  failures.add('a');
  failures.add('b', 3);
  failures.add('c');
  t.same(reports, [['a', 1]]);
  nowMs = 99;
  failures.reportIfDue();
  t.equal(reports.length, 1);
  nowMs = 100;
  failures.reportIfDue();
  t.same(reports[1], ['c', 4]);
  nowMs = 500;
  failures.reportIfDue();
  t.equal(reports.length, 2, 'nothing happened since');
  failures.add('d');
  failures.add('e');
  t.ok(failures.reportNow());
  t.notOk(failures.reportNow());
  t.same(reports.slice(2), [
    ['d', 1],
    ['e', 1],
  ]);
});
