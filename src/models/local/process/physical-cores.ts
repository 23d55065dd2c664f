/** The number of threads that computing is worth: one per physical core, never more than the process may use. */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';

/** Distinct pairs of socket and core in the text of Linux' `/proc/cpuinfo`; 0 where it does not say. */
export function countCores(cpuinfo: string): number {
  const cores = new Set<string>();
  for (const block of cpuinfo.split(/\n\s*\n/)) {
    const core = /^core id\s*:\s*(\d+)/m.exec(block)?.[1];
    if (core === undefined) continue;
    cores.add(`${/^physical id\s*:\s*(\d+)/m.exec(block)?.[1] ?? '0'}/${core}`);
  }
  return cores.size;
}

/** Threads to compute with where the user has not set a number. At least 1. */
export function countPhysicalCores(): number {
  const available = availableParallelism();
  let cores = 0;
  if (process.platform === 'linux') {
    try {
      cores = countCores(readFileSync('/proc/cpuinfo', 'utf8'));
    } catch {
      cores = 0;
    }
  }
  // Elsewhere only logical processors are known. Apple's and ARM's have one thread per core, x64 usually two.
  if (cores === 0) cores = process.arch === 'x64' && cpus().length > 2 ? Math.ceil(cpus().length / 2) : cpus().length;
  return Math.max(1, Math.min(cores, available));
}

/** A number of threads, or one per logical core that the process may use where it is more. */
export function capThreads(threads: number): number {
  return Math.min(threads, availableParallelism());
}
