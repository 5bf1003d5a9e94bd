export function Stat({ label, value, unit = '' }: { label: string; value: string; unit?: string }) {
  return (
    <div class="stat">
      <dt>{label}</dt>
      <dd>
        {value}
        {unit !== '' && <span class="unit">{unit}</span>}
      </dd>
    </div>
  );
}
