/** Gathers passages up to a limit, so that a huge corpus neither fills the memory nor takes minutes to read. */

export class PassageCollector {
  readonly passages: string[] = [];
  readonly remarks: string[] = [];
  #bytesLeft: number;

  constructor(bytesAtMost: number) {
    this.#bytesLeft = bytesAtMost;
  }

  get full(): boolean {
    return this.#bytesLeft <= 0;
  }

  get bytesLeft(): number {
    return Math.max(0, this.#bytesLeft);
  }

  /** Cuts a text at its blank lines. What goes beyond the limit is left out. */
  addText(text: string): void {
    for (const part of text.split(/\r?\n(?:[ \t]*\r?\n)+/)) {
      if (this.full) return;
      const passage = part.trim();
      if (passage === '') continue;
      this.#bytesLeft -= Buffer.byteLength(passage);
      this.passages.push(passage);
    }
  }

  addRemark(remark: string): void {
    this.remarks.push(remark);
  }
}
