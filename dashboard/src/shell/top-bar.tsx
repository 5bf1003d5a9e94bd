import { KeyRound, Monitor, Moon, Sun } from 'lucide';
import { chosenModel, health, isReachable, modelName, models } from '../state/models.js';
import { accessKey } from '../state/server.js';
import { THEMES, type Theme, theme } from '../state/theme.js';
import { asksKey } from '../state/toasts.js';
import { strings } from '../strings.js';
import { Icon } from '../ui/icon.js';

const THEME_ICONS = { auto: Monitor, light: Sun, dark: Moon } as const;

function nextTheme(): Theme {
  return THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? 'auto';
}

function ModelPicker() {
  return (
    <label class="field-inline">
      <span class="visually-hidden">{strings.model.picker}</span>
      <select
        class="select"
        value={modelName.value}
        onChange={({ currentTarget }) => {
          chosenModel.value = currentTarget.value;
        }}
      >
        {models.value.map(({ model }) => (
          <option key={model} value={model}>
            {model}
          </option>
        ))}
        {models.value.length === 0 && <option value={modelName.value}>{modelName.value}</option>}
      </select>
    </label>
  );
}

function Status() {
  const state = isReachable.value ? (health.value?.status ?? 'starting') : 'unreachable';
  const engine = health.value?.engine;
  const reasons = health.value?.degraded.map(({ reason }) => reason).join(' ');
  return (
    <div class={`status status-${state}`} role="status" title={reasons === '' ? undefined : reasons}>
      <span class="dot" aria-hidden="true" />
      <span class="status-text">{strings.status[state]}</span>
      {engine != null && isReachable.value && (
        <span class="status-engine">
          {engine.name} · {engine.device} · {engine.precision}
        </span>
      )}
    </div>
  );
}

export function TopBar() {
  const next = nextTheme();
  const hasKey = accessKey.value !== '';
  return (
    <header class="top">
      <ModelPicker />
      <Status />
      <div class="top-actions">
        <button
          type="button"
          class={hasKey ? 'button ghost has-key' : 'button ghost'}
          onClick={() => {
            asksKey.value = true;
          }}
        >
          <Icon node={KeyRound} />
          <span class="wide-only">{hasKey ? strings.access.hasKey : strings.access.open}</span>
          <span class="visually-hidden narrow-only">
            {hasKey ? strings.access.hasKey : strings.access.open}
          </span>
        </button>
        <button
          type="button"
          class="button ghost square"
          aria-label={`${strings.theme.label}: ${strings.theme[theme.value]}`}
          title={`${strings.theme.label}: ${strings.theme[theme.value]} → ${strings.theme[next]}`}
          onClick={() => {
            theme.value = next;
          }}
        >
          <Icon node={THEME_ICONS[theme.value]} />
        </button>
      </div>
    </header>
  );
}
