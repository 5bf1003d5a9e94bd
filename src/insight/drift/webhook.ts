import { createHmac } from 'node:crypto';
import { FoveaError } from '../../platform/errors.js';
import type { DriftReport, DriftState } from './drift.js';

const TIMEOUT_MS = 10_000;

export interface WebhookOptions {
  readonly url: string;
  /** '' sends no signature. */
  readonly secret: string;
}

/** Tells somebody else of a change.
 * @param giveUp ends the attempt
 * @throws FoveaError `webhook_failed` unless they took it in time */
export async function tellWebhook(
  { url, secret }: WebhookOptions,
  { model, version, window, to, state, signals }: DriftReport,
  previous: DriftState | null,
  giveUp: AbortSignal,
): Promise<void> {
  const event = 'drift_state_changed';
  const body = JSON.stringify({ event, model, version, window, at: to, state, previous, signals });
  const headers: Record<string, string> = { 'Content-Type': 'application/json' };
  if (secret !== '') {
    headers['X-Fovea-Signature'] = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  }
  try {
    // A redirect would take the message somewhere that nobody configured.
    const signal = AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), giveUp]);
    const response = await fetch(url, { method: 'POST', body, headers, redirect: 'error', signal });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`it answered ${response.status}`);
  } catch (cause) {
    throw new FoveaError('webhook_failed', 'The webhook did not take the message.', { cause });
  }
}
