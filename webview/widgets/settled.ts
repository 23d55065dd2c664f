import { useEffect, useState } from 'preact/hooks';

/** A value once it has not changed for a while (milliseconds): for what is costly to draw and need not keep up with a held key. */
export function useSettled<T>(value: T, wait: number): T {
  const [settled, setSettled] = useState<T>(() => value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(() => value), wait);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
