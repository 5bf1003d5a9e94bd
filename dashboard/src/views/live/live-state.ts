import { effect, signal } from '@preact/signals';
import type { LiveMessage } from '../../../../clients/typescript/src/answers/server.js';
import { accessKey } from '../../state/server.js';
import { type LivePoint, LivePoints, MAX_POINTS } from './live-points.js';
import { LiveSocket, type LiveState } from './live-socket.js';

export const liveState = signal<LiveState>('connecting');
export const latest = signal<LiveMessage | undefined>(undefined);
export const points = signal<readonly LivePoint[]>([]);
/** When the latest message came, on the clock of `performance.now()`. */
export const receivedMs = signal(0);

/** Connects while it is used; a new key connects anew. @returns what ends it */
export function listenLive(): () => void {
  const measured = new LivePoints();
  latest.value = undefined;
  liveState.value = 'connecting';
  return effect(() => {
    // Read, so that a new key runs this again.
    void accessKey.value;
    const socket = new LiveSocket({
      onState: (state) => {
        liveState.value = state;
      },
      onMessage: (message) => {
        latest.value = message;
        receivedMs.value = performance.now();
        points.value = [...points.peek().slice(1 - MAX_POINTS), measured.add(message)];
      },
    });
    return () => socket.close();
  });
}
