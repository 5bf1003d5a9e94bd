import { useState } from 'preact/hooks';

interface ConfirmButtonProps {
  readonly text: string;
  /** Accessible name before the first press. */
  readonly label: string;
  /** What the button says before it acts. */
  readonly question: string;
  readonly onConfirm: () => void;
}

/** A button that must be pressed twice, for what cannot be undone. Leaving it takes the first press back. */
export function ConfirmButton({ text, label, question, onConfirm }: ConfirmButtonProps) {
  const [isAsking, setIsAsking] = useState(false);
  return (
    <button
      type="button"
      class={isAsking ? 'button small danger' : 'button small'}
      aria-label={isAsking ? question : label}
      onBlur={() => setIsAsking(false)}
      onClick={() => {
        if (isAsking) onConfirm();
        setIsAsking(!isAsking);
      }}
    >
      {isAsking ? question : text}
    </button>
  );
}
