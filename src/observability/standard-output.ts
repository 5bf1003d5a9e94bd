import { type DestinationStream, pino } from 'pino';

/** Where `createLogger` writes: standard output, as readable lines when it is a terminal. */
export async function standardOutput(): Promise<DestinationStream> {
  if (process.stdout.isTTY) {
    const { default: pretty } = await import('pino-pretty');
    return pretty({ colorize: true, ignore: 'pid', translateTime: 'HH:MM:ss.l' });
  }
  const destination = pino.destination({ dest: 1, sync: true });
  // Such as a log on a full disk: without a listener the error would end the server.
  destination.on('error', () => undefined);
  return destination;
}
