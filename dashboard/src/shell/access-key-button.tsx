import { asksKey } from '../state/toasts.js';
import { strings } from '../strings.js';

/** Opens the dialog that asks for the access key. */
export function AccessKeyButton({ class: name, onOpen }: { class: string; onOpen?: () => void }) {
  return (
    <button
      type="button"
      class={name}
      onClick={() => {
        asksKey.value = true;
        onOpen?.();
      }}
    >
      {strings.access.open}
    </button>
  );
}
