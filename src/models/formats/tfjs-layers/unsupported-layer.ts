/** A plan cannot express the layer. `compile.ts` catches it and returns it as a result. */
export class UnsupportedLayer extends Error {
  readonly layer: string;

  /** @param reason a predicate whose subject is the layer, such as `has no input` */
  constructor(layer: string, reason: string) {
    super(reason);
    this.name = 'UnsupportedLayer';
    this.layer = layer;
  }
}
