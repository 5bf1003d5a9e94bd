import type { IconNode } from 'lucide';
import { h } from 'preact';

interface IconProps {
  readonly node: IconNode;
  readonly size?: number;
}

/** A drawing beside a text, which names it. */
export function Icon({ node, size = 18 }: IconProps) {
  return (
    <svg
      class="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="1.75"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {node.map(([tag, attributes]) => h(tag, { ...attributes, key: JSON.stringify(attributes) }))}
    </svg>
  );
}
