import { join } from 'node:path';
import t from 'tap';
import { loadConfig } from '../../../../src/app/config/load.js';
import { historyCommand } from '../../../../src/cli/history.js';
import { readOldPredictions } from '../../../../src/insight/history/old-predictions.js';
import { openTestHistory } from '../../../support/history.js';

function oldPrediction(number: number): Record<string, unknown> {
  return {
    predicted_class: number % 2 === 0 ? 'Cat' : 'Dog',
    predicted_class_index: number % 2 === 0 ? 3 : 5,
    confidence: 0.75,
    prediction_time_ms: 40.5 + number,
    timestamp: `2024-05-01T10:00:${String(number % 60).padStart(2, '0')}.123456`,
    all_probabilities: { Cat: number % 2 === 0 ? 0.75 : 0.25, Dog: number % 2 === 0 ? 0.25 : 0.75 },
    file_name: `${number}.png`,
    file_path: `uploads/${number}.png`,
  };
}

t.test('old entries become predictions at their local time', (t) => {
  const { records, problems } = readOldPredictions(
    JSON.stringify([oldPrediction(0), oldPrediction(1)]),
    'old',
  );
  t.same(problems, []);
  t.match(records, [
    {
      version: { model: 'old', version: 0, labels: ['Cat', 'Dog'] },
      answer: { classIndex: 0, confidence: 0.75 },
    },
    { answer: { classIndex: 1 }, predictionMs: 41.5, source: 'import', requestId: null },
  ]);
  t.end();
});

t.test('entries that cannot be read are named, the others are read', (t) => {
  const broken = [
    {},
    7,
    { ...oldPrediction(2), timestamp: 'yesterday' },
    { ...oldPrediction(3), confidence: 75 },
  ];
  const { records, problems } = readOldPredictions(
    JSON.stringify([oldPrediction(0), ...broken, oldPrediction(1)]),
    'old',
  );
  t.equal(records.length, 2);
  t.same(
    problems.map((problem) => /^entry (\d+): /.exec(problem)?.[1]),
    ['1', '2', '3', '4'],
  );
  t.end();
});

t.test('what is no array is bad_request', (t) => {
  for (const text of ['{', '{}', ''])
    t.throws(() => readOldPredictions(text, 'old'), { code: 'bad_request' });
  t.end();
});

t.test('fovea history import takes over a file once, however often it is run', async (t) => {
  const entries = Array.from({ length: 1200 }, (_, number) => oldPrediction(number));
  const folder = t.testdir({ 'predictions.json': JSON.stringify(entries) });
  const config = loadConfig({ FOVEA_STATE_DIR: join(folder, 'state') });
  const file = join(folder, 'predictions.json');
  const lines: string[] = [];
  t.intercept(console, 'log', { value: (line: string) => lines.push(line) });
  await historyCommand(config).parseAsync(['import', file], { from: 'user' });
  await historyCommand(config).parseAsync(['import', file, '--model', 'old'], { from: 'user' });
  t.same(lines, ['1200 predictions read, 1200 of them new.', '1200 predictions read, 0 of them new.']);
  const history = await openTestHistory(t, { path: join(folder, 'state', 'history.db') });
  t.match(await history.statistics(), {
    total_predictions: 1200,
    average_confidence: 0.75,
    predictions_per_class: { Cat: 600, Dog: 600 },
    average_prediction_time_ms: 40.5 + 599.5,
  });
  const { predictions } = await history.page({ limit: 1 });
  t.equal(new Date(predictions[0]?.timestamp ?? '').getTime(), new Date('2024-05-01T10:00:59.123').getTime());
  t.match(predictions[0], { model: 'imported', version: 0, source: 'import', predicted_class: 'Dog' });
});
