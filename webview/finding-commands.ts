/** What can be done about findings, the conclusion's citations among them. */
import { signal } from '@preact/signals';
import type { Reply } from '../src/analysis/finding.js';
import type { PlacedSpan, SpanRemark } from '../src/messages/evidence.js';
import { messageOf } from './state/reason.js';
import type { PageState } from './state/page-state.js';
import type { SelectedText } from './text/source-offset.js';
import { sayKey } from './page-keys.js';

/** What is chosen of a completion's text, in UTF-16 units of `prefillText + text`. */
export interface ChosenText extends SelectedText {
  readonly id: number;
  readonly by: 'mouse' | 'keys';
  /** Where it is on the screen. */
  readonly place: () => DOMRect | null;
}

/** What the form is about: a finding that shall be added or one that is changed. */
export type FindingForm = { readonly chosen: ChosenText } | { readonly span: PlacedSpan };

export class FindingCommands {
  readonly chosen = signal<ChosenText | null>(null);
  readonly form = signal<FindingForm | null>(null);
  /** The finding whose reply is being written, or the reply that is edited. */
  readonly replying = signal<string | null>(null);

  constructor(
    private readonly state: PageState,
    private readonly tell: (text: string) => void,
  ) {}

  /** Opens the form for what is chosen. */
  add(): void {
    const chosen = this.chosen.peek();
    if (chosen && chosen.id === this.state.selectedId.peek()) this.form.value = { chosen };
    else this.tell('Select text first: with the mouse, or with T, then Shift and the arrow keys.');
  }

  edit(span: PlacedSpan): void {
    this.form.value = { span };
  }

  beginReply(span: PlacedSpan): void {
    this.replying.value = span.finding;
  }

  toggleResolved(span: PlacedSpan): void {
    void this.setState(span, span.state === 'resolved' ? 'open' : 'resolved');
  }

  /** Does something about the finding that has the focus, or about the only one that there is. */
  withFocused(task: (span: PlacedSpan) => void): void {
    const id = this.state.selectedId.peek();
    const spans = id === null ? [] : this.state.shownSpans(id);
    const focused = document.activeElement?.closest<HTMLElement>('.finding-item')?.dataset.finding;
    const found = spans.find(({ span }) => span.finding === focused) ?? (spans.length === 1 ? spans[0] : undefined);
    if (found) task(found.span);
    else if (spans.length === 0) this.tell(NO_FINDINGS);
    else this.tell(`Go to a finding first.${sayKey('showFindings', 'goes from one to the next.')}`);
  }

  closeForm(): void {
    // The form took the browser's selection away.
    if (this.chosen.peek()?.by === 'mouse') this.chosen.value = null;
    this.form.value = null;
  }

  /** Keeps what the form says; answers why not, or null. */
  async save(remark: SpanRemark): Promise<string | null> {
    const form = this.form.peek();
    if (!form) return null;
    try {
      let done = `Finding added.${sayKey('showFindings', 'goes to it.')}${sayKey('undo', 'takes it back.')}`;
      if ('span' in form) done = tellEdit('Finding changed.', await this.state.host.editSpan({ finding: form.span.finding, begun: form.span.note, ...remark }));
      else {
        const { id, start, end } = form.chosen;
        await this.state.host.addSpan({ completionId: id, start, end, ...remark });
        getSelection()?.removeAllRanges();
        this.chosen.value = null;
      }
      this.form.value = null;
      this.tell(done);
      return null;
    } catch (error) {
      return messageOf(error);
    }
  }

  async setState(span: PlacedSpan, state: 'open' | 'resolved' | 'deleted'): Promise<void> {
    const done = { open: 'Finding reopened.', resolved: 'Finding resolved.', deleted: 'Finding deleted. U brings it back.' };
    await this.#try(
      () => this.state.host.setSpanState({ finding: span.finding, state }),
      () => done[state],
    );
  }

  async reply(span: PlacedSpan, note: string): Promise<boolean> {
    return this.#try(
      () => this.state.host.addReply({ finding: span.finding, note }),
      () => 'Reply added.',
    );
  }

  async editReply(reply: Reply, begun: string, note: string): Promise<boolean> {
    return this.#try(
      () => this.state.host.editReply({ finding: reply.finding, reply: reply.reply, begun, note }),
      (other) => tellEdit('Reply changed.', other),
    );
  }

  async deleteReply(reply: string): Promise<boolean> {
    return this.#try(
      () => this.state.host.deleteReply({ reply }),
      () => 'Reply deleted. U brings it back.',
    );
  }

  /** Cites the selected completion in the conclusion, or takes that back. */
  cite(): void {
    const id = this.state.selectedId.peek();
    if (id === null || this.state.selected.peek() === null) return;
    const name = this.state.nameOf.peek()(id);
    this.tell(this.state.conclusion.cite(id) ? `${name} is cited in the conclusion.` : `${name} is no longer cited in the conclusion.`);
  }

  /** Into the findings of the selected completion, to one of them. */
  show(finding?: string): void {
    const items = findingItems();
    this.#focus(items.find((element) => element.dataset.finding === finding) ?? items[0]);
  }

  /** Into the findings of the selected completion; from one of them to the next. */
  showNext(): void {
    const items = findingItems();
    const current = items.findIndex((item) => item.contains(document.activeElement));
    this.#focus(items[(current + 1) % items.length]);
  }

  #focus(item: HTMLElement | undefined): void {
    if (item) item.focus();
    else this.tell(NO_FINDINGS);
  }

  async #try<T>(task: () => Promise<T>, describe: (answer: T) => string): Promise<boolean> {
    try {
      this.tell(describe(await task()));
      return true;
    } catch (error) {
      this.tell(`Not saved: ${messageOf(error)}`);
      return false;
    }
  }
}

function tellEdit(done: string, other: string | null): string {
  return other === null ? done : `${done} ${other} changed it while you did: their text stays, before yours.`;
}

const NO_FINDINGS = 'Nothing is said about parts of this completion yet. Select text, then M.';

function findingItems(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('.finding-item')];
}
