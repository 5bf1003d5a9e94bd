/** A layer that a plan cannot express. Never leaves `compile.ts`, which turns it into a result. */
export class UnsupportedLayer extends Error {
  readonly layer: string;

  /** @param reason what about the layer is not supported, without its name */
  constructor(layer: string, reason: string) {
    super(reason);
    this.name = 'UnsupportedLayer';
    this.layer = layer;
  }
}
