import { useState } from 'preact/hooks';
import type { Model, ModelVersion } from '../../../../clients/typescript/src/answers/models.js';
import { count, day, percent } from '../../format.js';
import { refreshModels } from '../../state/models.js';
import { server } from '../../state/server.js';
import { attempt, tell } from '../../state/toasts.js';
import { strings } from '../../strings.js';
import { Card } from '../../ui/card.js';
import { accuracyOf, stateOf } from './version-state.js';

interface VersionsProps {
  readonly model: Model;
  readonly chosen: number;
  readonly onChoose: (version: number) => void;
}

const text = strings.model;

function originOf({ parent, training }: ModelVersion): string {
  if (parent !== null) return text.from(parent);
  return training === null ? text.imported : text.scratch;
}

function VersionRow({
  version,
  isChosen,
  isBusy,
  onChoose,
  onActivate,
}: {
  version: ModelVersion;
  isChosen: boolean;
  isBusy: boolean;
  onChoose: () => void;
  onActivate: () => void;
}) {
  const { text: state, tone } = stateOf(version);
  const reason = version.problem ?? version.acceptance_reason;
  const images = version.training === null ? '' : ` · ${text.imagesOf(count(version.training.train_images))}`;
  return (
    <li class={`version ${version.is_active ? 'active' : ''} ${isChosen ? 'chosen' : ''}`}>
      <div class="row">
        <button type="button" class="version-name" aria-pressed={isChosen} onClick={onChoose}>
          {text.version} {version.version}
        </button>
        <span class={`badge ${tone}`}>{state}</span>
      </div>
      <p class="muted small">
        {originOf(version)}
        {images}
        {version.created_at !== null && ` · ${day(version.created_at)}`}
      </p>
      {reason !== null && <p class="small break">{reason}</p>}
      <div class="version-side">
        <span class="number">{percent(accuracyOf(version))}</span>
        {!version.is_active && version.problem === null && (
          <button
            type="button"
            class="button small"
            disabled={isBusy}
            aria-label={text.activateOf(version.version)}
            onClick={onActivate}
          >
            {text.activate}
          </button>
        )}
      </div>
    </li>
  );
}

/** The versions with their origin; activation and roll-back. */
export function Versions({ model, chosen, onChoose }: VersionsProps) {
  const [isBusy, setIsBusy] = useState(false);
  const run = async (work: () => Promise<string>): Promise<void> => {
    setIsBusy(true);
    const done = await attempt(work);
    if (done !== undefined) tell(done);
    await refreshModels().catch(() => undefined);
    setIsBusy(false);
  };
  const activate = (version: number) =>
    run(async () => text.activated((await server.value.activate(model.model, version)).active_version));
  const rollBack = () =>
    run(async () => text.activated((await server.value.rollBack(model.model)).active_version));
  const rescan = () => run(async () => text.rescanned((await server.value.rescan()).added.length));
  const actions = (
    <>
      <button type="button" class="button small" disabled={isBusy} onClick={() => void rescan()}>
        {text.rescan}
      </button>
      <button type="button" class="button small" disabled={isBusy} onClick={() => void rollBack()}>
        {text.rollBack}
      </button>
    </>
  );
  return (
    <Card title={text.versions} actions={actions}>
      <ul class="versions">
        {model.versions.map((version) => (
          <VersionRow
            key={version.version}
            version={version}
            isChosen={version.version === chosen}
            isBusy={isBusy}
            onChoose={() => onChoose(version.version)}
            onActivate={() => void activate(version.version)}
          />
        ))}
      </ul>
    </Card>
  );
}
