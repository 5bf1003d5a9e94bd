/** An instance does not decode this file: the caller decodes it, and classifies its pixels. */
export class UndecodedFile extends Error {}
