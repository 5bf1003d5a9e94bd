import { strings } from '../../../strings.js';
import { Field, SelectField } from '../../../ui/field.js';
import { EXAMPLES, type ImportField, OPTIONS } from './import-fields.js';
import { asked, setField, values } from './import-state.js';

const text = strings.import;

/** One fact of a model, for a person to state. */
export function FactField({ field }: { field: ImportField }) {
  const value = values.value[field] ?? '';
  const choices = asked.value.get(field)?.map((choice) => [choice, choice] as const) ?? [];
  const options = OPTIONS[field] ?? choices;
  const onInput = (stated: string): void => setField(field, stated);
  const label = text.fields[field];
  if (options.length > 0)
    return (
      <SelectField
        label={label}
        value={value}
        options={[['', text.fromFiles], ...options]}
        onChange={onInput}
      />
    );
  if (field === 'labels')
    return (
      <Field label={label}>
        <textarea
          class="input"
          rows={4}
          value={value}
          onInput={({ currentTarget }) => onInput(currentTarget.value)}
        />
      </Field>
    );
  return (
    <Field label={label}>
      <input
        class="input"
        value={value}
        placeholder={EXAMPLES[field] ?? text.fromFiles}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
      />
    </Field>
  );
}
