import { useEffect, useState } from 'preact/hooks';
import { duration } from '../../format.js';
import { strings } from '../../strings.js';
import { latest, liveState, receivedMs } from './live-state.js';

/** A server that sends nothing for this long is not live. */
const STALE_MS = 6000;

/** Seconds since the last message where it is too old; undefined while messages come. */
export function useStaleSeconds(): number | undefined {
  const [nowMs, setNowMs] = useState(performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(performance.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const ageMs = nowMs - receivedMs.value;
  return latest.value !== undefined && ageMs > STALE_MS ? ageMs / 1000 : undefined;
}

export function Connection({ staleSeconds }: { staleSeconds: number | undefined }) {
  const { connecting, connected, refused, stale } = strings.live;
  if (liveState.value === 'refused') return <span class="badge bad">{refused}</span>;
  if (staleSeconds !== undefined)
    return (
      <span class="badge warn" role="status">
        <span class="dot warn" /> {stale(duration(staleSeconds))}
      </span>
    );
  if (liveState.value === 'connecting') return <span class="badge">{connecting}</span>;
  return (
    <span class="badge good">
      <span class="dot good" /> {connected}
    </span>
  );
}
