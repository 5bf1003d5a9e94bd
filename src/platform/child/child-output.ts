import { channel } from 'node:diagnostics_channel';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { escapeControls } from '../escape-controls.js';

/** A line that a child process wrote to its standard output or error. */
const lineSchema = z.object({ child: z.string(), line: z.string() });

export type ChildLine = z.infer<typeof lineSchema>;

/** A channel of the process, so that the many parts that start children need not know the logger. */
const OUTPUT = channel('fovea.child-output');
const MAX_CHARACTERS = 2000;
/** Of one child; more would flood the log. */
const MAX_LINES = 1000;

/** Calls `take` with each line of every child process. @returns a function that ends it */
export function readChildOutput(take: (line: ChildLine) => void): () => void {
  const listen = (message: unknown): void => take(lineSchema.parse(message));
  OUTPUT.subscribe(listen);
  return () => void OUTPUT.unsubscribe(listen);
}

/** Sends the lines of a stream to `readChildOutput`, or to standard error without a reader. Lines may quote names that clients
 * chose. */
export function publishLines(child: string, stream: Readable | null, keepsAlive: boolean): void {
  if (stream === null) return;
  if (!keepsAlive && stream instanceof Socket) stream.unref();
  let lines = 0;
  createInterface({ input: stream }).on('line', (text) => {
    lines += 1;
    if (lines > MAX_LINES) return;
    const line = escapeControls(text.slice(0, MAX_CHARACTERS));
    if (OUTPUT.hasSubscribers) OUTPUT.publish({ child, line });
    else process.stderr.write(`${line}\n`);
  });
}
