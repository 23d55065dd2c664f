/** Repeats a task as often as there is reason to, but no oftener than its own cost allows. */

/** A task may take this share of the time at most: one part in six. */
const REST_PER_WORK = 5;

export class PacedTask {
  #timer: NodeJS.Timeout | undefined;
  #running = false;
  #wanted = false;
  #lastMs = 0;
  readonly #closed = new AbortController();

  /**
   * @param task whose failure is passed over: the next reason runs it again
   * @param pauseMs milliseconds from a reason to the task, so that several reasons make one run
   */
  constructor(
    private readonly task: (signal: AbortSignal) => Promise<void>,
    private readonly pauseMs: number,
  ) {}

  /** There is a reason. While the task runs, it is run once more afterwards. */
  request(): void {
    if (this.#closed.signal.aborted) return;
    if (this.#running) this.#wanted = true;
    else this.#timer ??= setTimeout(() => void this.#run(), Math.max(this.pauseMs, REST_PER_WORK * this.#lastMs));
  }

  dispose(): void {
    this.#closed.abort();
    clearTimeout(this.#timer);
  }

  async #run(): Promise<void> {
    this.#timer = undefined;
    this.#running = true;
    this.#wanted = false;
    const begin = performance.now();
    await this.task(this.#closed.signal).catch(() => undefined);
    this.#lastMs = performance.now() - begin;
    this.#running = false;
    if (this.#wanted) this.request();
  }
}
