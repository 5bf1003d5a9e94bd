import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino';
import pretty from 'pino-pretty';

/** Logs one JSON object per line to standard output, or readable lines when it is a terminal. */
export function createLogger(
  { level }: { readonly level: string },
  destination: DestinationStream = standardOutput(),
): Logger {
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: stdSerializers.err },
    },
    destination,
  );
}

function standardOutput(): DestinationStream {
  if (process.stdout.isTTY) return pretty({ colorize: true, ignore: 'pid', translateTime: 'HH:MM:ss.l' });
  return pino.destination({ dest: 1, sync: true });
}
