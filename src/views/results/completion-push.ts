/** An audit's completions on their way to its page, in pieces and in turns that leave the extension host time for others. */
import type { CompletionRecord } from '../../audit/completion.js';
import type { CompletionSummary, PageListener } from '../../messages/page.js';
import { runInSlices, type Steps } from '../../text/slices.js';
import { summariseCompletion } from './completion-view.js';
import { HOST_SLICING } from '../../runner/in-slices.js';
import type { ShownPass } from './shown-pass.js';

const CHUNK = 500;

export class CompletionPush {
  readonly #summaries = new WeakMap<CompletionRecord, CompletionSummary>();
  /** Raised whenever the page starts anew, so that pushes meant for the former one end. */
  #generation = 0;
  #sent = 0;
  #sending: Promise<unknown> | null = null;

  constructor(
    private readonly shown: ShownPass,
    private readonly page: Pick<PageListener, 'onCompletions'>,
  ) {}

  /** The page has none of them, or wants none any more. */
  restart(): void {
    this.#generation++;
    this.#sent = 0;
    this.#sending = null;
  }

  /** Resolves when the page has all completions that there are by then, or begins again. */
  async push(): Promise<void> {
    const generation = this.#generation;
    while (generation === this.#generation && this.#sent < this.shown.records.length) {
      const sending = (this.#sending ??= runInSlices(this.#send(), { ...HOST_SLICING, isWanted: () => generation === this.#generation }));
      await sending;
      if (this.#sending === sending) this.#sending = null;
    }
  }

  summarise(record: CompletionRecord): CompletionSummary {
    const known = this.#summaries.get(record);
    if (known) return known;
    const summary = summariseCompletion(record, this.shown.analysis.figuresOf(record));
    this.#summaries.set(record, summary);
    return summary;
  }

  *#send(): Steps<void> {
    for (let chunk: CompletionSummary[] = []; this.#sent + chunk.length < this.shown.records.length;) {
      chunk.push(this.summarise(this.shown.records[this.#sent + chunk.length]!));
      if (chunk.length === CHUNK || this.#sent + chunk.length === this.shown.records.length) {
        this.page.onCompletions(chunk);
        this.#sent += chunk.length;
        chunk = [];
      }
      yield;
    }
  }
}
