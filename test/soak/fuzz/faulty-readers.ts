/** Readers that have the faults which the harness is there to find, and one that has none. */
import type { Reader } from './reader.js';

const seeds = [{ name: 'a.json', bytes: Buffer.from('{"a": [1, 2, 3], "b": "text"}') }];
const kept: Buffer[] = [];

/** Of the processor's time. */
function burn(milliseconds: number): void {
  const start = process.cpuUsage();
  for (;;) {
    const { user, system } = process.cpuUsage(start);
    if ((user + system) / 1000 > milliseconds) return;
  }
}

/** The seed itself is read well. */
const onceIn = (every: number, fault: () => void) => {
  let read = 0;
  return () => {
    if (++read % every === 0) fault();
  };
};

export const READERS: readonly Reader[] = [
  { name: 'good', prepare: () => ({ seeds, run: (bytes) => void bytes.toString('utf8') }) },
  { name: 'raw', prepare: () => ({ seeds, run: onceIn(5, () => void (undefined as unknown as { a: string }).a.length) }) },
  { name: 'slow', prepare: () => ({ seeds, run: onceIn(5, () => burn(400)) }) },
  { name: 'hangs', prepare: () => ({ seeds, run: onceIn(5, () => burn(1e9)) }) },
  {
    name: 'waits',
    prepare: () => ({ seeds, run: (bytes) => (bytes.equals(seeds[0]!.bytes) ? undefined : new Promise<void>((resolve) => setTimeout(resolve, 1e9))) }),
  },
  { name: 'grows', prepare: () => ({ seeds, run: () => void kept.push(Buffer.alloc(8 << 20, 1)) }) },
  { name: 'needs', prepare: () => ({ seeds, run: onceIn(5, () => void Buffer.alloc(256 << 20, 1)) }) },
  { name: 'ends', prepare: () => ({ seeds, run: onceIn(5, () => process.exit(3)) }) },
];
