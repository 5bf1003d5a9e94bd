import { useState } from 'preact/hooks';
import type { Task } from '../../../../clients/typescript/src/answers/models.js';
import { chosenModel, models, refreshModels } from '../../state/models.js';
import { server } from '../../state/server.js';
import { attempt, tell } from '../../state/toasts.js';
import { strings } from '../../strings.js';
import { Card } from '../../ui/card.js';
import { Field, SelectField } from '../../ui/field.js';

const text = strings.train.newModel;
const TASKS: readonly Task[] = ['single', 'multi'];

/** Creates a model on the network of another one; images and a training give it its first version. */
export function NewModel() {
  const [name, setName] = useState('');
  const [base, setBase] = useState('');
  const [task, setTask] = useState<Task>('single');
  const [labels, setLabels] = useState('');
  const bases = models.value.filter(({ versions }) => versions.length > 0).map(({ model }) => model);
  const from = base === '' ? (bases[0] ?? '') : base;
  const create = async (event: Event): Promise<void> => {
    event.preventDefault();
    const named = labels
      .split(',')
      .map((label) => label.trim())
      .filter((label) => label !== '');
    const wanted = {
      name: name.trim(),
      base: { model: from },
      task,
      ...(named.length > 0 && { labels: named }),
    };
    const created = await attempt(() => server.value.createModel(wanted));
    if (created === undefined) return;
    await attempt(refreshModels);
    chosenModel.value = created.model;
    setName('');
    setLabels('');
    tell(text.created(created.model));
  };
  return (
    <Card title={text.title} help={text.help}>
      <form class="stack" onSubmit={(event) => void create(event)}>
        <div class="filters">
          <Field label={text.name}>
            <input
              class="input"
              required
              maxLength={100}
              value={name}
              onInput={({ currentTarget }) => setName(currentTarget.value)}
            />
          </Field>
          <SelectField
            label={text.base}
            value={from}
            options={bases.map((each) => [each, each] as const)}
            onChange={setBase}
          />
          <SelectField
            label={text.task}
            value={task}
            options={TASKS.map((each) => [each, text.tasks[each]] as const)}
            onChange={(value) => setTask(value === 'multi' ? 'multi' : 'single')}
          />
        </div>
        <Field label={text.labels}>
          <input
            class="input"
            placeholder={text.labelsExample}
            value={labels}
            onInput={({ currentTarget }) => setLabels(currentTarget.value)}
          />
        </Field>
        <button type="submit" class="button" disabled={from === ''}>
          {text.create}
        </button>
      </form>
    </Card>
  );
}
