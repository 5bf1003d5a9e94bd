import { PROVIDERS } from '../../models/engines/providers.js';
import { isPostgresUrl } from '../../platform/postgres/database-settings.js';
import type { Config } from './schema.js';

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol);
}

/** @returns a line when no engine has the wanted device and precision */
function engineContradictions({ engine, device, precision }: Config['inference']): string[] {
  const wanted = PROVIDERS.filter(({ name }) => engine === 'auto' || name === engine);
  const there = wanted.filter(({ devices }) => device === 'auto' || devices.includes(device));
  if (there.length === 0) return [`FOVEA_ENGINE=${engine} does not run on FOVEA_DEVICE=${device}.`];
  if (precision === 'auto' || there.some(({ precisions }) => precisions.includes(precision))) return [];
  const subject = engine === 'auto' ? `No engine on FOVEA_DEVICE=${device}` : `FOVEA_ENGINE=${engine}`;
  const verb = engine === 'auto' ? 'computes' : 'does not compute';
  return [`${subject} ${verb} in FOVEA_PRECISION=${precision}.`];
}

/** @returns a line for each reason why several processes cannot run with these settings */
function processContradictions({ supervision, http, history }: Config): string[] {
  const { processes } = supervision;
  if (processes <= 1) return [];
  const problems: string[] = [];
  const subject = `FOVEA_PROCESSES=${processes}`;
  if (history.url === '' || history.rolloutPollMs === 0) {
    problems.push(
      `${subject} needs FOVEA_HISTORY_URL, and FOVEA_ROLLOUT_POLL_MS above 0: processes share history, active versions and traffic by PostgreSQL, since a history in SQLite belongs to one of them.`,
    );
  }
  if (history.keepsImages) {
    problems.push(
      `${subject} does not go with FOVEA_KEEP_IMAGES, since each process would keep images of its own.`,
    );
  }
  if (http.sharedPort !== 'off') problems.push(`${subject} sets FOVEA_SHARED_PORT: leave it off.`);
  const grpcPort = Number(http.grpcPort);
  if (http.port === 0 || http.port + processes > 65_535 || grpcPort + processes > 65_536) {
    problems.push(`${subject} needs FOVEA_PORT above 0, and takes the ${processes} ports after it.`);
  }
  if (grpcPort + processes > http.port && grpcPort <= http.port + processes) {
    problems.push(
      `${subject} takes ${processes} ports from FOVEA_GRPC_PORT on, which FOVEA_PORT and the ports after it must not meet.`,
    );
  }
  return problems;
}

/** @returns one line for each contradiction between settings */
export function findContradictions(config: Config): string[] {
  const { http, images, inference, drift, history } = config;
  const problems: string[] = [];
  if (inference.maxQueueDelayMs >= http.requestTimeoutMs) {
    problems.push('FOVEA_MAX_QUEUE_DELAY_MS must be less than FOVEA_REQUEST_TIMEOUT_MS.');
  }
  if (inference.maxQueueRows < inference.maxBatchSize) {
    problems.push('FOVEA_MAX_QUEUE_ROWS must be at least FOVEA_MAX_BATCH_SIZE.');
  }
  if (inference.maxQueueRows < http.maxBatchImages) {
    problems.push('FOVEA_MAX_QUEUE_ROWS must be at least FOVEA_MAX_BATCH_IMAGES.');
  }
  // A body is copied into a larger buffer as it arrives: for a moment both buffers exist.
  if ((http.maxBufferedBytes * http.maxClientSharePercent) / 100 < 2 * http.maxBodyBytes) {
    problems.push(
      'FOVEA_MAX_CLIENT_SHARE_PERCENT of FOVEA_MAX_BUFFERED_BYTES must be at least twice FOVEA_MAX_BODY_BYTES.',
    );
  }
  if (images.decodeConcurrency + images.maxQueuedImages < http.maxBatchImages) {
    problems.push('FOVEA_MAX_DECODE_QUEUE_IMAGES must be at least FOVEA_MAX_BATCH_IMAGES.');
  }
  if (!/^(\/[\w.~-]+)*$/.test(http.basePath)) {
    problems.push('FOVEA_BASE_PATH must be a path such as /fovea, without a slash at its end.');
  }
  if ((http.tlsCert === '') !== (http.tlsKey === '')) {
    problems.push('FOVEA_TLS_CERT and FOVEA_TLS_KEY must be given together.');
  }
  problems.push(...engineContradictions(inference), ...processContradictions(config));
  if (http.sharedPort === '0')
    problems.push('FOVEA_SHARED_PORT must be a port that all servers know, not 0.');
  if (drift.warningAt > drift.driftedAt) {
    problems.push('FOVEA_DRIFT_WARNING must be at most FOVEA_DRIFT_DRIFTED.');
  }
  if (drift.webhookUrl !== '' && !isWebAddress(drift.webhookUrl)) {
    problems.push('FOVEA_DRIFT_WEBHOOK_URL must be an http:// or https:// address.');
  }
  if (history.url !== '' && !isPostgresUrl(history.url)) {
    problems.push(
      'FOVEA_HISTORY_URL must be an address such as postgres://fovea:PASSWORD@db.example.org/fovea.',
    );
  }
  return problems;
}
