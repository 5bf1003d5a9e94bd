import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino';
import { escapeControls } from '../platform/escape-controls.js';

/** Logs one JSON object per line. */
export function createLogger({ level }: { readonly level: string }, destination: DestinationStream): Logger {
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: serializeError },
    },
    destination,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** On a terminal messages and stacks are printed as they are, and they may quote names that clients chose. */
function serializeError(error: unknown): unknown {
  const serialized: unknown = error instanceof Error ? stdSerializers.err(error) : error;
  if (!isRecord(serialized)) return serialized;
  const { message, stack } = serialized;
  return {
    ...serialized,
    ...(typeof message === 'string' && { message: escapeControls(message) }),
    ...(typeof stack === 'string' && {
      stack: stack
        .split(/\n(?= {4}at )/)
        .map(escapeControls)
        .join('\n'),
    }),
  };
}
