import { X } from 'lucide';
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { strings } from '../strings.js';
import { Icon } from './icon.js';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  /** `side` slides in from the right. */
  readonly kind?: 'center' | 'side';
  readonly children: ComponentChildren;
}

/** The browser's own modal dialog: it keeps the focus inside and closes by Escape. */
export function Dialog({ title, onClose, kind = 'center', children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    element.current?.showModal();
  }, []);
  return (
    <dialog
      ref={element}
      class={`dialog dialog-${kind}`}
      aria-labelledby={id}
      onClose={onClose}
      // A click beside it closes it.
      {...{ closedby: 'any' }}
    >
      <div class="dialog-body">
        <header class="dialog-head">
          <h2 id={id}>{title}</h2>
          <button
            type="button"
            class="button ghost square"
            aria-label={strings.close}
            onClick={() => element.current?.close()}
          >
            <Icon node={X} />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
