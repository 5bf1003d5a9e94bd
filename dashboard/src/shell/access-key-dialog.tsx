import { useState } from 'preact/hooks';
import { accessKey, useKey as takeKey } from '../state/server.js';
import { asksKey } from '../state/toasts.js';
import { strings } from '../strings.js';
import { Dialog } from '../ui/dialog.js';

const close = (): void => {
  asksKey.value = false;
};

function KeyForm() {
  const [key, setKey] = useState(accessKey.value);
  const [isRemembered, setIsRemembered] = useState(true);
  const { explain, label, remember, save, forget } = strings.access;
  const submit = (event: Event): void => {
    event.preventDefault();
    takeKey(key.trim(), isRemembered);
    close();
  };
  return (
    <form class="stack" onSubmit={submit}>
      <p class="muted">{explain}</p>
      <label class="field">
        <span class="label">{label}</span>
        <input
          class="input mono"
          type="password"
          name="key"
          autocomplete="off"
          spellcheck={false}
          required
          value={key}
          onInput={({ currentTarget }) => setKey(currentTarget.value)}
        />
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={isRemembered}
          onChange={({ currentTarget }) => setIsRemembered(currentTarget.checked)}
        />
        <span>{remember}</span>
      </label>
      <div class="row end">
        {accessKey.value !== '' && (
          <button
            type="button"
            class="button"
            onClick={() => {
              takeKey('', false);
              close();
            }}
          >
            {forget}
          </button>
        )}
        <button type="submit" class="button primary">
          {save}
        </button>
      </div>
    </form>
  );
}

export function AccessKeyDialog() {
  if (!asksKey.value) return null;
  return (
    <Dialog title={strings.access.title} onClose={close}>
      <KeyForm />
    </Dialog>
  );
}
