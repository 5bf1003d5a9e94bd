import { Redis } from 'ioredis';

/** A command that takes longer has failed. */
const TIMEOUT_MS = 250;
/** Between two attempts to connect. */
const RETRY_MS = 1000;

/** Opens the connection that `Limits` counts over.
 * @param onProblem called once when Redis becomes unreachable */
export function connectRedis(url: string, onProblem: (error: unknown) => void): Redis {
  const redis = new Redis(url, {
    // Without a connection a command fails at once, and `insuranceLimiter` answers.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: TIMEOUT_MS,
    retryStrategy: () => RETRY_MS,
  });
  let isReported = false;
  redis.on('ready', () => {
    isReported = false;
  });
  redis.on('error', (error) => {
    if (!isReported) onProblem(error);
    isReported = true;
  });
  return redis;
}
