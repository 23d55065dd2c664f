/**
 * One reader in a process of its own, so that a hang can be ended and memory be measured. Before each input it tells its
 * number to the process that watches; its last line says how it ended.
 */
import { writeSync } from 'node:fs';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { applyEdits, mutations, type Mutation } from './edits.js';
import type { Reader } from './reader.js';

export interface WorkerOptions {
  /** URL of the built module with the readers, under `READERS`. */
  readonly module: string;
  readonly reader: string;
  readonly folder: string;
  readonly seed: number;
  /** Where to go on from, as the library writes it, e.g. `17:0:1`; all inputs where it is empty. */
  readonly path: string;
  readonly milliseconds: number;
  /** Of the processor's time for one input. */
  readonly inputMilliseconds: number;
  /** By which memory may grow. */
  readonly bytes: number;
}

export type Outcome = { readonly tried: number; readonly grown: number } & (
  { readonly kind: 'passed' } | { readonly kind: 'failed'; readonly path: string; readonly reason: string; readonly input: string }
);

const WATCHER = 3;
const options = JSON.parse(process.argv[2]!) as WorkerOptions;
const tell = (line: object): void => void writeSync(WATCHER, `${JSON.stringify(line)}\n`);

const { READERS } = (await import(options.module)) as { readonly READERS: readonly Reader[] };
const reader = await READERS.find(({ name }) => name === options.reader)!.prepare(options.folder);
const seeds = reader.seeds.map(({ bytes }) => bytes);
// What reading takes at all, and every module's first use, is no growth.
for (const seed of reader.seeds) await reader.run(seed.bytes, seed);
const peak = (): number => process.resourceUsage().maxRSS * 1024;
const before = process.memoryUsage.rss();

/** What is only waiting to be collected is no growth; what one input needed for a while is. */
function requireMemory(rssBefore: number, peakBefore: number): void {
  const needed = peak() > peakBefore ? peak() - rssBefore : 0;
  if (needed > options.bytes) throw new Error(`it needed ${needed >> 20} MiB`);
  if (process.memoryUsage.rss() - before <= options.bytes) return;
  globalThis.gc!();
  const kept = process.memoryUsage.rss() - before;
  if (kept > options.bytes) throw new Error(`memory grew by ${kept >> 20} MiB`);
}

let tried = 0;
async function tryOne(mutation: Mutation): Promise<void> {
  const seed = reader.seeds[mutation.seed]!;
  const input = applyEdits(seed.bytes, mutation.edits, {
    seeds,
    ...(seed.head !== undefined && { head: seed.head }),
    ...(reader.writeLine && { writeLine: reader.writeLine }),
  });
  tell({ tried: ++tried });
  const [rssBefore, peakBefore] = [process.memoryUsage.rss(), peak()];
  const start = process.cpuUsage();
  await reader.run(input, seed);
  const { user, system } = process.cpuUsage(start);
  const milliseconds = Math.round((user + system) / 1000);
  // Memory first: taking it can be what takes the time.
  requireMemory(rssBefore, peakBefore);
  if (milliseconds > options.inputMilliseconds) throw new Error(`it took ${milliseconds} ms of the processor's time`);
}

/** The library leaves out what an input comes to that ends after the time is up. */
let first: { readonly number: number; readonly mutation: Mutation; readonly error: unknown } | undefined;
/** The input that is being read: at the end of the time the library turns away from it, and what never ends would pass. */
let reading: Promise<void> = Promise.resolve();
const property = fc.asyncProperty(mutations(seeds.length), async (mutation) => {
  reading = tryOne(mutation).catch((error: unknown) => {
    first ??= { number: tried - 1, mutation, error };
    throw error;
  });
  await reading;
});
const details = await fc.check(property, {
  seed: options.seed,
  numRuns: 2 ** 31 - 1,
  interruptAfterTimeLimit: options.milliseconds,
  ...(options.path !== '' && { path: options.path }),
});
await reading.catch(() => undefined);
const outcome: Outcome =
  details.failed && details.counterexample
    ? {
        kind: 'failed',
        tried,
        grown: peak() - before,
        path: details.counterexamplePath ?? '',
        reason: cut(inspect(details.errorInstance)),
        input: describe(details.counterexample[0]),
      }
    : first
      ? {
          kind: 'failed',
          tried,
          grown: peak() - before,
          path: options.path === '' ? String(first.number) : options.path,
          reason: cut(inspect(first.error)),
          input: describe(first.mutation),
        }
      : { kind: 'passed', tried, grown: peak() - before };
tell(outcome);
process.exit(0);

function cut(reason: string): string {
  return reason
    .split('\n')
    .slice(0, 30)
    .map((line) => (line.length > 500 ? `${line.slice(0, 500)}…` : line))
    .join('\n');
}

function describe({ seed, edits }: Mutation): string {
  return `${reader.seeds[seed]!.name}, ${JSON.stringify(edits)}`;
}
