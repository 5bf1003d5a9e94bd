import { useState } from 'preact/hooks';
import type { Model, TrafficRequest } from '../../../../clients/typescript/src/answers/models.js';
import { strings } from '../../strings.js';
import { NumberField, SelectField } from '../../ui/field.js';

const text = strings.model;

/** Starts a canary or a shadow. */
export function TrialForm({ model, onStart }: { model: Model; onStart: (wanted: TrafficRequest) => void }) {
  const active = model.active_version;
  const others = model.versions.filter(({ version, problem }) => version !== active && problem === null);
  const [chosen, setChosen] = useState('');
  const [percents, setPercents] = useState('10');
  const [isShadow, setIsShadow] = useState(false);
  if (others.length === 0 || active === null) return <p class="muted small">{text.noTrial}</p>;
  const version = Number(chosen === '' ? others[0]?.version : chosen);
  const submit = (event: Event): void => {
    event.preventDefault();
    const percent = isShadow ? 0 : Number(percents);
    const split = [{ version: active, percent: 100 - percent }];
    if (isShadow) onStart({ split, shadow: [version] });
    else onStart({ split: [...split, { version, percent }], shadow: [] });
  };
  return (
    <form class="filters" onSubmit={submit}>
      <SelectField
        label={text.candidateVersion}
        value={String(version)}
        options={others.map((each) => [String(each.version), String(each.version)] as const)}
        onChange={setChosen}
      />
      {!isShadow && (
        <NumberField
          label={`${text.canaryPercent} (%)`}
          value={percents}
          min={1}
          max={99}
          isRequired
          onInput={setPercents}
        />
      )}
      <label class="check">
        <input
          type="checkbox"
          checked={isShadow}
          onChange={({ currentTarget }) => setIsShadow(currentTarget.checked)}
        />
        <span>{text.asShadow}</span>
      </label>
      <button type="submit" class="button">
        {text.startTrial}
      </button>
    </form>
  );
}
