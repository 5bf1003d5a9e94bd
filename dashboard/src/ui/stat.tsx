interface StatProps {
  readonly label: string;
  readonly value: string;
  readonly unit?: string;
  readonly class?: string;
}

/** One number of a `dl`. */
export function Stat({ label, value, unit = '', class: extra = '' }: StatProps) {
  return (
    <div class={`stat ${extra}`}>
      <dt>{label}</dt>
      <dd>
        {value}
        {unit !== '' && <span class="unit">{unit}</span>}
      </dd>
    </div>
  );
}
