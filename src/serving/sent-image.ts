/** An image as a client sent it. */
export interface SentImage {
  readonly bytes: Uint8Array;
  readonly fileName: string | null;
}
