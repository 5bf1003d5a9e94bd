import { createHmac } from 'node:crypto';
import { FoveaError } from '../../platform/errors.js';
import type { DriftReport, DriftState } from './drift.js';

const TIMEOUT_MS = 10_000;

export interface WebhookOptions {
  readonly url: string;
  /** '' disables the signature. */
  readonly secret: string;
}

/**
 * Posts a change to the webhook.
 * @param giveUp cancels the request
 * @throws FoveaError `webhook_failed` unless the receiver answers 2xx in time
 */
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
    // A redirect would send the message to an address that the operator did not configure.
    const signal = AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), giveUp]);
    const response = await fetch(url, { method: 'POST', body, headers, redirect: 'error', signal });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`it answered ${response.status}`);
  } catch (cause) {
    throw new FoveaError('webhook_failed', 'The webhook did not take the message.', { cause });
  }
}
