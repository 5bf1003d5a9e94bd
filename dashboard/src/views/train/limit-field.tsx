import { useId } from 'preact/hooks';
import type { Model } from '../../../../clients/typescript/src/answers/models.js';
import { strings } from '../../strings.js';
import { NumberField } from '../../ui/field.js';

const text = strings.train;

/** In place of a version to start from: random weights. */
export const RANDOM = 'random';

/**
 * The limit that a training keeps if the request has none: '' for none.
 * @param base '' for the active version, `RANDOM`, or a version
 * @returns undefined where no head is learned, and so no limit can be given
 */
export function keptLimit({ planned, versions }: Model, base: string): string | undefined {
  if (base === RANDOM) return undefined;
  if (planned !== null) return String(planned.unfamiliar_above ?? '');
  const active = versions.find((version) => version.is_active) ?? versions[0];
  if (active?.training?.settings.learn !== 'head') return undefined;
  const start = base === '' ? active : versions.find(({ version }) => String(version) === base);
  return start && String(start.unfamiliar_above ?? '');
}

/** From which distance on an image is none of the classes. */
export function LimitField({ value, onInput }: { value: string; onInput: (value: string) => void }) {
  const id = useId();
  return (
    <div class="stack tight">
      <div class="filters">
        <NumberField
          label={text.limit}
          value={value}
          step="any"
          placeholder={text.limitOff}
          aria-describedby={id}
          onInput={onInput}
        />
      </div>
      <p class="muted small" id={id}>
        {text.limitHelp}
      </p>
    </div>
  );
}
