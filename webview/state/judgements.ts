/** The auditor's judgements: shown at once, true once the host has them on disk. */
import { batch, computed, signal, type ReadonlySignal } from '@preact/signals';
import { isGivenBlind } from '../../src/analysis/figures/blind-slice.js';
import type { CompletionFinding, DrawnSlice } from '../../src/analysis/finding.js';
import type { UndoAnswer } from '../../src/messages/evidence.js';
import type { Host, SentJudgement } from '../host.js';
import { messageOf } from './reason.js';
import type { LabelState } from './view-settings.js';

/** What became of the last change. */
export type SaveState = { readonly completionId: number; readonly judgement: SentJudgement } & (
  { readonly state: 'saving' | 'saved' } | { readonly state: 'failed'; readonly reason: string }
);

/** What was entered for a completion before there was a label to carry it. */
export interface UnsavedEntry {
  readonly completionId: number;
  readonly category: string | null;
  readonly note: string;
}

/** The page's stored state is no place for a book: of more entries the oldest go. */
const MOST_UNSAVED = 200;
const NOTHING: SentJudgement = { label: null, category: null, note: '' };

export class Judgements {
  readonly #confirmed = signal<ReadonlyMap<number, SentJudgement>>(new Map());
  /** Completions of which another author's judgement shows, as long as the reader has none. */
  readonly #others = signal<ReadonlyMap<number, CompletionFinding>>(new Map());
  /** The host's last snapshot, and who its reader was. */
  #told: { readonly findings: readonly CompletionFinding[]; readonly author: string | null } = { findings: [], author: null };
  readonly #pending = signal<ReadonlyMap<number, SentJudgement>>(new Map());
  readonly #lastSave = signal<SaveState | null>(null);
  /** Category and note that were entered before there was a label to carry them. */
  readonly #drafts = signal<ReadonlyMap<number, SentJudgement>>(new Map());
  /** Oldest first. */
  readonly drafts: ReadonlySignal<readonly UnsavedEntry[]> = computed(() =>
    [...this.#drafts.value].map(([completionId, { category, note }]) => ({ completionId, category, note })),
  );

  /** What the reader said. */
  readonly own: ReadonlySignal<ReadonlyMap<number, SentJudgement>> = computed(() => {
    // What is on its way is of the main pass, whose ids are not another one's.
    if (this.isElsewhere.value) return new Map<number, SentJudgement>();
    const merged = new Map(this.#confirmed.value);
    for (const [id, judgement] of this.#pending.value) {
      if (judgement.label === null) merged.delete(id);
      else merged.set(id, judgement);
    }
    return merged;
  });
  /** What shows: what the reader said, or else the latest that another author did. */
  readonly inForce: ReadonlySignal<ReadonlyMap<number, SentJudgement>> = computed(() => {
    const others = this.#others.value;
    return others.size === 0 ? this.own.value : new Map<number, SentJudgement>([...others, ...this.own.value]);
  });

  /** What shows now: in the blind only what the reader said in it, else what is in force. */
  readonly shown: ReadonlySignal<ReadonlyMap<number, SentJudgement>> = computed(() => (this.blind.value ? this.#editable.value : this.inForce.value));
  /** What the reader said, as far as it may be seen now: in sight of the ranking they may have said other things. */
  readonly #editable = computed(() => {
    const drawn = this.blind.value;
    return drawn ? new Map([...this.own.value].filter(([, judgement]) => isGivenBlind(judgement, drawn))) : this.own.value;
  });

  /**
   * @param blind the slice that is read blind, if one is
   * @param isElsewhere another pass than the main one is shown, which has no judgements
   */
  constructor(
    private readonly host: Pick<Host, 'setFinding' | 'undoFinding'>,
    private readonly blind: ReadonlySignal<DrawnSlice | null> = signal(null),
    private readonly isElsewhere: ReadonlySignal<boolean> = signal(false),
  ) {}

  get lastSave(): ReadonlySignal<SaveState | null> {
    return this.#lastSave;
  }

  labelOf(id: number): LabelState {
    return this.shown.value.get(id)?.label ?? 'unlabelled';
  }

  /** Another author's judgement that shows, since the reader has none. */
  otherOf(id: number): CompletionFinding | null {
    return this.own.value.has(id) ? null : (this.#others.value.get(id) ?? null);
  }

  /** What the reader said, or else the draft that waits for a label. */
  judgementOf(id: number): SentJudgement {
    const draft = this.#drafts.value.get(id);
    const seed = this.blind.value?.slice.seed;
    return this.#editable.value.get(id) ?? (seed === undefined || draft?.blind === seed ? draft : undefined) ?? NOTHING;
  }

  /** Earlier messages are cleared. */
  forgetLastSave(): void {
    this.#lastSave.value = null;
  }

  /** Takes over what an earlier page kept of this audit. */
  restoreDrafts(drafts: readonly UnsavedEntry[]): void {
    this.#drafts.value = new Map(drafts.slice(-MOST_UNSAVED).map(({ completionId, category, note }) => [completionId, { label: null, category, note }]));
  }

  /** Keeps a note that is still being typed, as long as there is no label that it could be saved with. */
  keepDraft(id: number, note: string): void {
    if (this.#editable.peek().has(id)) return;
    this.#draft(id, { ...this.judgementOf(id), note });
  }

  /**
   * Takes over the host's complete snapshot.
   * @param author who the reader is; `null` where that is not known, so that all is theirs
   */
  replaceAll(findings: readonly CompletionFinding[], author: string | null = null): void {
    this.#told = { findings, author };
    const isOwn = (finding: CompletionFinding) => author === null || finding.author === author;
    batch(() => {
      this.#confirmed.value = new Map(
        findings.filter(isOwn).map(({ completionId, label, category, note, blind, time }) => [completionId, { label, category, note, blind, time }]),
      );
      this.#others.value = new Map(findings.filter((finding) => !isOwn(finding)).map((finding) => [finding.completionId, finding]));
    });
  }

  /** The reader's name has changed; it decides which findings are theirs. */
  setReader(author: string | null): void {
    if (author !== this.#told.author) this.replaceAll(this.#told.findings, author);
  }

  /**
   * Puts a judgement in force and has it saved; on failure the earlier one is back. Without a label, category and note
   * stay on the page as a draft, for a finding is a label with something to say about it.
   */
  async set(id: number, judgement: SentJudgement): Promise<void> {
    this.#draft(id, judgement.label === null ? judgement : null);
    if (judgement.label === null && !this.#editable.peek().has(id)) return;
    const sent = judgement.label === null ? NOTHING : this.#mark(id, judgement);
    this.#pending.value = new Map(this.#pending.peek()).set(id, sent);
    this.#lastSave.value = { completionId: id, judgement: sent, state: 'saving' };
    try {
      const { label, category, note, blind } = sent;
      await this.host.setFinding({ completionId: id, label, category, note, blind });
      this.#settle(id, sent, true);
      this.#report({ completionId: id, judgement: sent, state: 'saved' });
    } catch (error) {
      this.#settle(id, sent, false);
      this.#report({ completionId: id, judgement: sent, state: 'failed', reason: messageOf(error) });
    }
  }

  /** Says whether a label is given blind. What the reader wrote in sight, and does not see in the blind, stays with it. */
  #mark(id: number, { label, category, note }: SentJudgement): SentJudgement {
    const own = this.own.peek().get(id);
    const seed = this.blind.peek()?.slice.seed;
    if (seed === undefined) return { label, category, note, blind: own?.label === label ? own?.blind : undefined };
    return { label, category: category ?? own?.category ?? null, note: note === '' ? (own?.note ?? '') : note, blind: seed };
  }

  /** Answers what was taken back. What was written with a label stays as a draft where the label is gone. */
  async undo(): Promise<UndoAnswer | null> {
    const before = this.own.peek();
    const undone = await this.host.undoFinding({});
    if (undone?.what !== 'label' || undone.completionId === null) return undone;
    const id = undone.completionId;
    this.#lastSave.value = null;
    const taken = before.get(id);
    if (taken && !this.own.peek().has(id)) this.#draft(id, { ...taken, label: null });
    return undone;
  }

  #draft(id: number, draft: SentJudgement | null): void {
    const drafts = new Map(this.#drafts.peek());
    drafts.delete(id);
    if (draft && (draft.category !== null || draft.note !== '')) drafts.set(id, { ...draft, blind: this.blind.peek()?.slice.seed });
    for (const oldest of drafts.keys()) {
      if (drafts.size <= MOST_UNSAVED) break;
      drafts.delete(oldest);
    }
    this.#drafts.value = drafts;
  }

  /** A later change of the same completion may already be on its way; that one stays pending. */
  #settle(id: number, sent: SentJudgement, kept: boolean): void {
    if (kept) {
      const confirmed = new Map(this.#confirmed.peek());
      if (sent.label === null) confirmed.delete(id);
      else confirmed.set(id, sent);
      this.#confirmed.value = confirmed;
    }
    if (this.#pending.peek().get(id) !== sent) return;
    const pending = new Map(this.#pending.peek());
    pending.delete(id);
    this.#pending.value = pending;
  }

  #report(save: SaveState): void {
    const last = this.#lastSave.peek();
    if (last?.completionId === save.completionId && last.judgement === save.judgement) this.#lastSave.value = save;
    else if (save.state === 'failed') this.#lastSave.value = save;
  }
}
