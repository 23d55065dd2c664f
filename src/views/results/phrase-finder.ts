/** The recurring phrases of an audit, found without keeping the extension host from its other work. */
import { analyseCompletion } from '../../analysis/analyse.js';
import type { Framing } from '../../audit/framing.js';
import { findPhrasesInSteps } from '../../analysis/phrases.js';
import { runInSlices } from '../../text/slices.js';
import type { PhrasesAnswer } from '../../messages/page.js';
import type { AuditSession } from '../../runner/run/audit-session.js';

const SLICE_MS = 15;
const NOTHING: PhrasesAnswer = { phrases: [], completionCount: 0 };

export class PhraseFinder {
  /** By framing: the last answer, or the one that is being found. */
  readonly #answers = new Map<Framing | null, { readonly records: number; readonly answer: Promise<PhrasesAnswer> }>();
  /** One search at a time, whoever asks. */
  #last: Promise<unknown> = Promise.resolve();
  #disposed = false;

  constructor(private readonly session: Pick<AuditSession, 'records'>) {}

  /** The phrases of what is journalled by now; found anew only where that has grown. */
  find(framing: Framing | null): Promise<PhrasesAnswer> {
    const { length } = this.session.records;
    const known = this.#answers.get(framing);
    if (known?.records === length) return known.answer;
    const answer = this.#last.then(() => this.#find(framing, length));
    this.#last = answer.catch(() => undefined);
    this.#answers.set(framing, { records: length, answer });
    return answer;
  }

  dispose(): void {
    this.#disposed = true;
    this.#answers.clear();
  }

  async #find(framing: Framing | null, length: number): Promise<PhrasesAnswer> {
    const records = this.session.records.slice(0, length).filter((record) => framing === null || record.framing === framing);
    // Analysed one by one: the analyses of ten thousand completions at once would take hundreds of megabytes.
    const sources = (function* () {
      for (const record of records) yield analyseCompletion(record);
    })();
    const phrases = await runInSlices(findPhrasesInSteps(sources), {
      sliceMs: SLICE_MS,
      pause: () => new Promise((resolve) => setImmediate(resolve)),
      isWanted: () => !this.#disposed,
    });
    return phrases ? { phrases, completionCount: records.length } : NOTHING;
  }
}
