/** Gathers passages up to a limit, so that a huge corpus neither fills the memory nor takes minutes to read. */
import { runAtOnce, type Steps } from '../../text/slices.js';

/** Where a text is cut, with the line breaks around. */
const BLANK_LINES = /\r?\n(?:[ \t]*\r?\n)+/g;

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
    runAtOnce(this.addTextInSteps(text));
  }

  /** The same in steps, of a passage each. */
  *addTextInSteps(text: string): Steps<void> {
    let start = 0;
    for (const { index, 0: blank } of text.matchAll(BLANK_LINES)) {
      if (this.full) return;
      this.#addPassage(text.slice(start, index));
      start = index + blank.length;
      yield;
    }
    if (!this.full) this.#addPassage(text.slice(start));
  }

  #addPassage(part: string): void {
    const passage = part.trim();
    if (passage === '') return;
    this.#bytesLeft -= Buffer.byteLength(passage);
    this.passages.push(passage);
  }

  addRemark(remark: string): void {
    this.remarks.push(remark);
  }
}
