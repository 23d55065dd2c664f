/** The machine that an audit is computed on, as its journal names it. */
import { availableParallelism, cpus } from 'node:os';

const LONGEST = 200;

/** Operating system, processor and threads, e.g. `linux x64, AMD EPYC 7763 64-Core Processor, 16 threads`; no name of the host or the user. */
export function describeMachine(): string {
  const processor = cpus()[0]?.model.replace(/\s+/g, ' ').trim();
  const parts = [`${process.platform} ${process.arch}`, ...(processor ? [processor] : []), `${availableParallelism()} threads`];
  return parts.join(', ').slice(0, LONGEST);
}
