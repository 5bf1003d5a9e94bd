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
