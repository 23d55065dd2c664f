/** Notices a native call that does not come back. It computes beside the event loop, which goes on meanwhile. */

/** Milliseconds that the first call may take: nothing is known yet of how fast this model is here. */
const FIRST_LIMIT_MS = 60 * 60_000;
const SHORTEST_LIMIT_MS = 10 * 60_000;
/** Times the slowest call so far. */
const FACTOR = 20;

export class HangWatch {
  private slowestMs: number | undefined;

  /** @param onHang told once a call has taken longer than it may, in milliseconds */
  constructor(private readonly onHang: (milliseconds: number) => void) {}

  /** Milliseconds that a call may take now. */
  get limitMs(): number {
    return this.slowestMs === undefined ? FIRST_LIMIT_MS : Math.max(SHORTEST_LIMIT_MS, FACTOR * this.slowestMs);
  }

  async watch<T>(call: () => Promise<T>): Promise<T> {
    const limit = this.limitMs;
    const began = performance.now();
    const timer = setTimeout(() => this.onHang(limit), limit);
    try {
      return await call();
    } finally {
      clearTimeout(timer);
      this.slowestMs = Math.max(this.slowestMs ?? 0, performance.now() - began);
    }
  }
}

/** Time for the line to reach the host. */
const LAST_WORDS_MS = 500;

/** Ends this process, which nothing else can: the call holds a thread of it for ever. The host starts another. */
export function endHungProcess(milliseconds: number): void {
  process.stderr.write(
    `llama.cpp did not come back from a computation for ${Math.round(milliseconds / 60_000)} minutes: it hangs, and the model process ends itself.\n`,
  );
  setTimeout(() => process.kill(process.pid, 'SIGTERM'), LAST_WORDS_MS);
}
