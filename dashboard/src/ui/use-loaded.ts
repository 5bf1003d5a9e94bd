import { useCallback, useEffect, useState } from 'preact/hooks';
import { messageOf } from '../state/toasts.js';

export interface Loaded<Value> {
  readonly value: Value | undefined;
  /** Why it could not be read; '' for none. */
  readonly problem: string;
  readonly reload: () => void;
}

/** Reads a value when `inputs` change, and on demand. The last value stays while the next is read. */
export function useLoaded<Value>(read: () => Promise<Value>, inputs: readonly unknown[]): Loaded<Value> {
  const [value, setValue] = useState<Value>();
  const [problem, setProblem] = useState('');
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let isOld = false;
    read().then(
      (found) => {
        if (isOld) return;
        setValue(found);
        setProblem('');
      },
      (error: unknown) => {
        if (!isOld) setProblem(messageOf(error));
      },
    );
    return () => {
      isOld = true;
    };
  }, [turn, ...inputs]);
  const reload = useCallback(() => setTurn((last) => last + 1), []);
  return { value, problem, reload };
}

/** Calls `work` once an interval while `isOn`. */
export function useInterval(work: () => void, ms: number, isOn: boolean): void {
  useEffect(() => {
    if (!isOn) return undefined;
    const timer = setInterval(work, ms);
    return () => clearInterval(timer);
  }, [work, ms, isOn]);
}
