import type { ComponentChildren } from 'preact';

interface FieldProps {
  readonly label: string;
  readonly isLabelHidden?: boolean;
  readonly children: ComponentChildren;
}

export function Field({ label, isLabelHidden = false, children }: FieldProps) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is among the children
    <label class="field">
      <span class={isLabelHidden ? 'visually-hidden' : 'label'}>{label}</span>
      {children}
    </label>
  );
}

interface SelectProps {
  readonly label: string;
  readonly isLabelHidden?: boolean;
  readonly value: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly onChange: (value: string) => void;
}

export function SelectField({ label, isLabelHidden, value, options, onChange }: SelectProps) {
  return (
    <Field label={label} isLabelHidden={isLabelHidden === true}>
      <select class="select" value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        {options.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
    </Field>
  );
}

interface NumberProps {
  readonly label: string;
  readonly value: string;
  readonly min?: number;
  readonly max?: number;
  readonly step?: number | 'any';
  readonly placeholder?: string;
  readonly isRequired?: boolean;
  /** Of the element that explains the field. */
  readonly 'aria-describedby'?: string;
  readonly onInput: (value: string) => void;
}

export function NumberField({ label, isRequired = false, step = 1, onInput, ...rest }: NumberProps) {
  return (
    <Field label={label}>
      <input
        class="input number"
        type="number"
        step={step}
        required={isRequired}
        {...rest}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
      />
    </Field>
  );
}
