/* Browsers may refuse storage, as for pages without cookies: then nothing is remembered. */

export function readStored(storage: Storage, name: string): string | null {
  try {
    return storage.getItem(name);
  } catch {
    return null;
  }
}

/** @param value null deletes */
export function writeStored(storage: Storage, name: string, value: string | null): void {
  try {
    if (value === null) storage.removeItem(name);
    else storage.setItem(name, value);
  } catch {
    // Not remembered.
  }
}
