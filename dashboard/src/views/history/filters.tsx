import { labels } from '../../state/labels.js';
import { currentModel } from '../../state/models.js';
import { strings } from '../../strings.js';
import { Field, NumberField, SelectField } from '../../ui/field.js';
import { type FilterFields, NO_FILTER } from './filter.js';

interface FiltersProps {
  readonly fields: FilterFields;
  readonly onChange: (fields: FilterFields) => void;
}

const { history } = strings;
const ANY = ['', history.any] as const;

export function Filters({ fields, onChange }: FiltersProps) {
  const set = (change: Partial<FilterFields>): void => onChange({ ...fields, ...change });
  const versions = currentModel.value?.versions.map(({ version }) => String(version)) ?? [];
  return (
    <fieldset class="filters">
      <legend class="visually-hidden">{history.filters}</legend>
      <SelectField
        label={history.class}
        value={fields.class}
        options={[ANY, ...labels.value.map((label) => [label, label] as const)]}
        onChange={(value) => set({ class: value })}
      />
      <SelectField
        label={history.version}
        value={fields.version}
        options={[ANY, ...versions.map((version) => [version, version] as const)]}
        onChange={(version) => set({ version })}
      />
      <SelectField
        label={history.source}
        value={fields.source}
        options={[ANY, ...Object.entries(history.sources)]}
        onChange={(source) => set({ source })}
      />
      <SelectField
        label={history.feedback}
        value={fields.feedback}
        options={[ANY, ['with', history.withFeedback], ['without', history.withoutFeedback]]}
        onChange={(value) => set({ feedback: value === 'with' || value === 'without' ? value : '' })}
      />
      <NumberField
        label={`${history.confidenceAtLeast} (%)`}
        value={fields.minConfidence}
        min={0}
        max={100}
        onInput={(minConfidence) => set({ minConfidence })}
      />
      <NumberField
        label={`${history.confidenceAtMost} (%)`}
        value={fields.maxConfidence}
        min={0}
        max={100}
        onInput={(maxConfidence) => set({ maxConfidence })}
      />
      <Field label={history.from}>
        <input
          class="input"
          type="datetime-local"
          value={fields.from}
          onInput={({ currentTarget }) => set({ from: currentTarget.value })}
        />
      </Field>
      <Field label={history.to}>
        <input
          class="input"
          type="datetime-local"
          value={fields.to}
          onInput={({ currentTarget }) => set({ to: currentTarget.value })}
        />
      </Field>
      <button type="button" class="button" onClick={() => onChange(NO_FILTER)}>
        {history.reset}
      </button>
    </fieldset>
  );
}
