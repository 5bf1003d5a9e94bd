/** A file or something else in an archive, whose bytes must be read, or passed over, before the next one comes. */
export interface ArchiveEntry {
  readonly name: string;
  readonly type: 'file' | 'directory' | 'other';
  /** @throws what the archive's damage throws */
  open(): Promise<AsyncIterable<unknown>>;
}
