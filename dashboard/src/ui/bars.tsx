import { percent } from '../format.js';

export interface Bar {
  readonly label: string;
  /** 0..1 */
  readonly share: number;
  /** In place of the percent. */
  readonly text?: string;
  readonly isStrong?: boolean;
}

/** Horizontal bars with their numbers; the list is readable without the drawing. */
export function Bars({ bars }: { bars: readonly Bar[] }) {
  return (
    <ul class="bars">
      {bars.map(({ label, share, text, isStrong }) => (
        <li key={label} class={isStrong === true ? 'bar strong' : 'bar'}>
          <span class="bar-label" title={label}>
            {label}
          </span>
          <span class="bar-track" aria-hidden="true">
            <span class="bar-fill" style={{ width: `${Math.max(0.5, 100 * share)}%` }} />
          </span>
          <span class="bar-value">{text ?? percent(share)}</span>
        </li>
      ))}
    </ul>
  );
}
