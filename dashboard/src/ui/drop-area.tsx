import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

interface DropAreaProps {
  /** What it takes, for screen readers. */
  readonly label: string;
  readonly class?: string;
  readonly onDrop: (transfer: DataTransfer) => void;
  readonly children: ComponentChildren;
}

/** Takes files that are dragged here; the buttons inside do the same for keyboards. */
export function DropArea({ label, class: extra = '', onDrop, children }: DropAreaProps) {
  const [isOver, setIsOver] = useState(false);
  return (
    <fieldset
      aria-label={label}
      class={`drop ${extra} ${isOver ? 'over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setIsOver(false);
        if (event.dataTransfer !== null) onDrop(event.dataTransfer);
      }}
    >
      {children}
    </fieldset>
  );
}
