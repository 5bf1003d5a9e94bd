import t from 'tap';
import { checkFirstEpoch } from '../../../../src/learning/training/first-epoch.js';
import { trainingSettingsSchema } from '../../../../src/learning/training/training.js';

const settings = trainingSettingsSchema.parse({});

t.test('a first epoch that undoes the base version ends the training, beyond what chance explains', (t) => {
  const base = { accuracy: 0.93, images: 2500 };
  const after = (accuracy: number) => ({ validation_accuracy: accuracy });
  t.throws(() => checkFirstEpoch(settings, base, after(0.62)), {
    code: 'training_failed',
    message: /from 0\.9300 to 0\.6200.*learning_rate \(0\.1\)/,
  });
  t.doesNotThrow(() => checkFirstEpoch({ ...settings, max_first_epoch_drop: 1 }, base, after(0.62)));
  t.doesNotThrow(() => checkFirstEpoch(settings, base, after(0.85)));
  const few = { accuracy: 0.9, images: 10 };
  t.doesNotThrow(() => checkFirstEpoch(settings, few, after(0.6)), 'three of ten images are chance');
  t.throws(() => checkFirstEpoch(settings, few, after(0.1)), { code: 'training_failed' });
  t.end();
});
