/** One buffer that grows up to a limit: parts that are put together in the end would be held twice. */
export class GrowingBuffer {
  readonly #bytesAtMost: number;
  #bytes: Buffer;
  #length = 0;
  #isFull = false;

  /** @param bytesAtFirst a guess of how much it will be */
  constructor(bytesAtMost: number, bytesAtFirst = 1 << 20) {
    this.#bytesAtMost = bytesAtMost;
    this.#bytes = Buffer.allocUnsafe(Math.min(bytesAtMost, bytesAtFirst));
  }

  get length(): number {
    return this.#length;
  }

  /** Whether there was more than fits. */
  get isFull(): boolean {
    return this.#isFull;
  }

  add(part: Uint8Array): void {
    if (this.#length + part.length > this.#bytes.length && this.#bytes.length < this.#bytesAtMost) {
      const larger = Buffer.allocUnsafe(Math.min(this.#bytesAtMost, 2 * this.#bytes.length + part.length));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    const taken = Math.min(part.length, this.#bytes.length - this.#length);
    this.#bytes.set(part.subarray(0, taken), this.#length);
    this.#length += taken;
    this.#isFull ||= taken < part.length;
  }

  take(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }
}
