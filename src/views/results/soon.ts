/** Milliseconds in which what a page is told is gathered. */
const GATHERING_MS = 250;

/** Runs a task a little later, once for all the reasons that come meanwhile. */
export class Soon {
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly task: () => void) {}

  request(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.task();
    }, GATHERING_MS);
  }

  /** There is no reason any more. */
  dispose(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
