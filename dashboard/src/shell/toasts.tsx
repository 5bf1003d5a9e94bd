import { CircleCheck, CircleX, X } from 'lucide';
import { dismiss, type Toast, toasts } from '../state/toasts.js';
import { strings } from '../strings.js';
import { Icon } from '../ui/icon.js';
import { AccessKeyButton } from './access-key-button.js';

function ToastCard({ toast }: { toast: Toast }) {
  const { id, kind, text, requestId, needsKey } = toast;
  return (
    <div class={`toast toast-${kind}`}>
      <Icon node={kind === 'error' ? CircleX : CircleCheck} />
      <div class="toast-text">
        <p>{text}</p>
        {requestId !== undefined && <p class="muted small mono">{strings.errors.requestId(requestId)}</p>}
        {needsKey && <AccessKeyButton class="link" onOpen={() => dismiss(id)} />}
      </div>
      <button
        type="button"
        class="button ghost square small"
        aria-label={strings.errors.dismiss}
        onClick={() => dismiss(id)}
      >
        <Icon node={X} size={15} />
      </button>
    </div>
  );
}

export function Toasts() {
  return (
    <div class="toasts" role="log" aria-live="polite" aria-label={strings.errors.title}>
      {toasts.value.map((toast) => (
        <ToastCard key={toast.id} toast={toast} />
      ))}
    </div>
  );
}
