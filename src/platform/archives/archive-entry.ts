/** One entry of an archive. Read or skip its bytes before asking for the next entry. */
export interface ArchiveEntry {
  readonly name: string;
  readonly type: 'file' | 'directory' | 'other';
  /** @throws the read error of the archive library when the archive is damaged */
  open(): Promise<AsyncIterable<unknown>>;
}
