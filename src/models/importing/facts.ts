/** What is known of a model to be imported, and which file, flag or layer says so. The first to state a fact wins: flags
 * come before files. */
export class Facts {
  readonly #stated = new Map<keyof FactValues, { readonly value: unknown; readonly from: string }>();

  /** Undefined values state nothing. */
  state<K extends keyof FactValues>(name: K, value: FactValues[K] | undefined, from: string): void {
    if (value !== undefined && !this.#stated.has(name)) this.#stated.set(name, { value, from });
  }

  get<K extends keyof FactValues>(name: K): FactValues[K] | undefined {
    // The map holds under each name what `state` was given for it.
    return this.#stated.get(name)?.value as FactValues[K] | undefined;
  }

  /** In words for people; undefined where nobody stated the fact. */
  sourceOf(name: keyof FactValues): string | undefined {
    return this.#stated.get(name)?.from;
  }

  /** For the table and the manifest's provenance. */
  rows(): readonly { readonly fact: string; readonly value: string; readonly from: string }[] {
    return [...this.#stated].map(([fact, { value, from }]) => ({ fact, value: textOf(value), from }));
  }
}

/** How pixels become numbers: `pixel · scale + offset` for each channel, in the model's order of channels. */
export interface Scaling {
  readonly scale: readonly number[];
  readonly offset: readonly number[];
}

export interface FactValues {
  readonly name: string;
  readonly size: { readonly height: number; readonly width: number };
  readonly channels: 1 | 3;
  readonly color_order: 'rgb' | 'bgr' | 'grey';
  readonly layout: 'nhwc' | 'nchw';
  readonly scaling: Scaling;
  readonly resize: Readonly<Record<string, string | number | boolean | readonly number[] | undefined>>;
  readonly crop: 'none' | 'center' | 'center_floor';
  readonly activation: 'softmax' | 'sigmoid' | 'none';
  readonly task: 'single' | 'multi';
  readonly thresholds: readonly number[];
  readonly labels: readonly string[];
  readonly label_ids: readonly string[];
  readonly drop_first: number;
  readonly outputs: number;
  readonly input_name: string;
  readonly output_name: string;
  readonly license: string;
}

const SHOWN_LABELS = 3;
const SHOWN_DIGITS = 5;

function textOf(value: unknown): string {
  if (Array.isArray(value)) {
    const shown = value.slice(0, SHOWN_LABELS).map(textOf).join(', ');
    return value.length > SHOWN_LABELS ? `${shown}, … (${value.length})` : shown;
  }
  if (typeof value === 'number') return String(Number(value.toPrecision(SHOWN_DIGITS)));
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([name, part]) => `${name} ${textOf(part)}`)
    .join(', ');
}
