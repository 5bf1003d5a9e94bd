import { useState } from 'preact/hooks';
import type { RetrainRequest } from '../../../../clients/typescript/src/answers/learning.js';
import { DATA_OPTIONS, type DataName, dataNameOf } from '../../state/data-names.js';
import { currentModel, modelName, refreshModels } from '../../state/models.js';
import { server } from '../../state/server.js';
import { attempt } from '../../state/toasts.js';
import { strings } from '../../strings.js';
import { NumberField, SelectField } from '../../ui/field.js';
import { keptLimit, LimitField, RANDOM } from './limit-field.js';

const text = strings.train;

interface Fields {
  readonly data: DataName | '';
  /** '' for the active version, `RANDOM`, or a version. */
  readonly base: string;
  readonly epochs: string;
  readonly rate: string;
  readonly batch: string;
  readonly isActivated: boolean;
  /** Percent. */
  readonly maxDrop: string;
  /** Undefined: as the version to start from. */
  readonly limit: string | undefined;
}

const USUAL: Fields = {
  data: '',
  base: '',
  epochs: '3',
  rate: '',
  batch: '',
  isActivated: false,
  maxDrop: '0',
  limit: undefined,
};

function requestOf(model: string, fields: Fields): RetrainRequest {
  const { data, base, epochs, rate, batch, isActivated, maxDrop, limit } = fields;
  return {
    model,
    epochs: Number(epochs),
    auto_activate: isActivated,
    max_accuracy_drop: Number(maxDrop) / 100,
    ...(data !== '' && { data }),
    ...(base !== '' && { base_version: base === RANDOM ? null : Number(base) }),
    ...(rate !== '' && { learning_rate: Number(rate) }),
    ...(batch !== '' && { batch_size: Number(batch) }),
    ...(limit !== undefined && { unfamiliar_above: limit === '' ? null : Number(limit) }),
  };
}

export function StartForm({ isRunning, onStart }: { isRunning: boolean; onStart: () => void }) {
  const [fields, setFields] = useState(USUAL);
  const set = (change: Partial<Fields>): void => setFields({ ...fields, ...change });
  const model = currentModel.value;
  const versions = model?.versions ?? [];
  const kept = model && keptLimit(model, fields.base);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const started = await attempt(() => server.value.retrain(requestOf(modelName.value, fields)));
    if (started !== undefined) onStart();
    // Somebody else may have deleted the model.
    else refreshModels().catch(() => undefined);
  };
  return (
    <form class="stack" onSubmit={(event) => void submit(event)}>
      <div class="filters">
        <SelectField
          label={text.source}
          value={fields.data}
          options={DATA_OPTIONS}
          onChange={(data) => set({ data: dataNameOf(data) })}
        />
        <SelectField
          label={text.base}
          value={fields.base}
          options={[
            ['', text.baseActive],
            [RANDOM, text.baseRandom],
            ...versions.map(({ version }) => [String(version), text.baseVersion(version)] as const),
          ]}
          onChange={(base) => set({ base, limit: base === RANDOM ? '' : undefined })}
        />
        <NumberField
          label={text.epochs}
          value={fields.epochs}
          min={1}
          max={10_000}
          isRequired
          onInput={(epochs) => set({ epochs })}
        />
        <NumberField
          label={text.rate}
          value={fields.rate}
          min={0}
          max={10}
          step="any"
          placeholder={text.rateDefault}
          onInput={(rate) => set({ rate })}
        />
        <NumberField
          label={text.batch}
          value={fields.batch}
          min={1}
          max={4096}
          placeholder={text.rateDefault}
          onInput={(batch) => set({ batch })}
        />
        <NumberField
          label={text.maxDrop}
          value={fields.maxDrop}
          min={0}
          max={100}
          step="any"
          isRequired
          onInput={(maxDrop) => set({ maxDrop })}
        />
      </div>
      {kept !== undefined && <LimitField value={fields.limit ?? kept} onInput={(limit) => set({ limit })} />}
      <label class="check">
        <input
          type="checkbox"
          checked={fields.isActivated}
          onChange={({ currentTarget }) => set({ isActivated: currentTarget.checked })}
        />
        <span>{text.autoActivate}</span>
      </label>
      <button type="submit" class="button primary" disabled={isRunning}>
        {text.start}
      </button>
    </form>
  );
}
