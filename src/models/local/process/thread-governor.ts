/**
 * Keeps computing off cores that other programs use. llama.cpp's threads wait for each other by spinning: one of them
 * without a core of its own makes all of them tens of times slower, so that fewer threads are faster on a busy machine.
 * The number of threads changes no bit of a result on a CPU.
 */
import { cpus } from 'node:os';
import { capThreads, countPhysicalCores } from './physical-cores.js';

const MEASURE_EVERY_MS = 500;
/** How much of a core others may use before it is left to them. */
const TOLERATED = 0.35;

interface Sample {
  readonly atMs: number;
  /** Milliseconds that all logical cores were busy, and that this process was. */
  readonly busyMs: number;
  readonly ownMs: number;
}

/** Threads that have a core to themselves: between 1 and `wanted`. `othersBusy` in cores. */
export function countFreeThreads(wanted: number, logicalCores: number, othersBusy: number): number {
  return Math.max(1, Math.min(wanted, Math.floor(logicalCores - othersBusy + TOLERATED)));
}

/** Weights that keep a thread busy between two barriers. */
const BYTES_PER_THREAD = 16 * 2 ** 20;

/**
 * Threads that a model is large enough for. With a model of a few megabytes the threads spend their time waiting for each
 * other: on two cores, two of them computed the bundled models several times slower than one.
 * @param weightBytes size of the model's weights
 */
export function countUsefulThreads(wanted: number, weightBytes: number): number {
  return Math.max(1, Math.min(wanted, Math.ceil(weightBytes / BYTES_PER_THREAD)));
}

export class ThreadGovernor {
  private readonly physicalCores = countPhysicalCores();
  private userThreads = 0;
  private currentLimit = Number.POSITIVE_INFINITY;
  private last = measure();

  /** @param tellLimit takes the highest number of threads; 0 for no limit. */
  constructor(private readonly tellLimit: (threads: number) => void) {
    this.setLimit(this.physicalCores);
  }

  /** The most threads that may compute now; `Infinity` where there is no limit. */
  get limit(): number {
    return this.currentLimit;
  }

  private setLimit(threads: number): void {
    this.currentLimit = threads === 0 ? Number.POSITIVE_INFINITY : threads;
    this.tellLimit(threads);
  }

  /** Threads that a context over weights of this size (bytes) is to be made for. */
  countFor(weightBytes: number): number {
    return this.userThreads > 0 ? this.userThreads : countUsefulThreads(this.physicalCores, weightBytes);
  }

  /**
   * A user's number is kept to, whatever else the machine does; 0 leaves the choice here.
   * @returns the number, or as many as there are logical cores where it is more
   */
  setUserThreads(threads: number): number {
    this.userThreads = capThreads(threads);
    if (threads > 0) this.setLimit(0);
    return this.userThreads;
  }

  /** To be called between steps of work; measures at most twice a second. */
  adjust(): void {
    if (this.userThreads > 0) return;
    const now = measure();
    const elapsedMs = now.atMs - this.last.atMs;
    if (elapsedMs < MEASURE_EVERY_MS) return;
    const othersMs = now.busyMs - this.last.busyMs - (now.ownMs - this.last.ownMs);
    this.last = now;
    this.setLimit(countFreeThreads(this.physicalCores, cpus().length, Math.max(0, othersMs) / elapsedMs));
  }
}

function measure(): Sample {
  const own = process.cpuUsage();
  return {
    atMs: performance.now(),
    busyMs: cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0),
    ownMs: (own.user + own.system) / 1000,
  };
}
