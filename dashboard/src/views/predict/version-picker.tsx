import { useEffect } from 'preact/hooks';
import { currentModel } from '../../state/models.js';
import { strings } from '../../strings.js';
import { chosenVersion } from './results.js';

/** The versions of the model that are in service. */
export function VersionPicker() {
  const model = currentModel.value;
  useEffect(() => {
    chosenVersion.value = undefined;
  }, [model?.model]);
  const served = model?.versions.filter(({ is_in_service }) => is_in_service) ?? [];
  return (
    <label class="field-inline">
      <span class="visually-hidden">{strings.model.version}</span>
      <select
        class="select"
        value={chosenVersion.value ?? ''}
        onChange={({ currentTarget: { value } }) => {
          chosenVersion.value = value === '' ? undefined : Number(value);
        }}
      >
        <option value="">{strings.model.active}</option>
        {served.map(({ version }) => (
          <option key={version} value={version}>
            {strings.model.version} {version}
          </option>
        ))}
      </select>
    </label>
  );
}
