/** The auditor's conclusion: written here, kept in the audit. */
import { batch, computed, signal, type ReadonlySignal } from '@preact/signals';
import { findCitations } from '../../src/analysis/citations.js';
import type { Conclusion, ConclusionContent, Confidence } from '../../src/analysis/finding.js';
import type { DraftAnswer, RankingChoice } from '../../src/messages/evidence.js';
import type { Host } from '../host.js';
import { messageOf } from './reason.js';

export type DraftedConclusion = Exclude<DraftAnswer, { reason: string }>;

/** What a language model has been asked for. */
export type Drafting =
  { readonly state: 'idle' | 'asking' } | { readonly state: 'there'; readonly draft: DraftedConclusion } | { readonly state: 'none'; readonly reason: string };

const NOTHING: ConclusionContent = { statement: '', confidence: 'inconclusive', citations: [] };

export class ConclusionState {
  readonly #written = signal<ConclusionContent>(NOTHING);
  readonly #saving = signal<'saved' | 'saving' | { readonly reason: string }>('saved');
  readonly #drafting = signal<Drafting>({ state: 'idle' });
  #saved: ConclusionContent = NOTHING;
  /** Saves that the host has not answered. */
  #pending = 0;
  /** What the audit was last told to have, while a save was under way. */
  #told: { readonly conclusion: Conclusion | null } | null = null;

  /** What is wrong with what is written, in words. */
  readonly problems: ReadonlySignal<readonly string[]> = computed(() => findProblems(this.#written.value, (id) => this.has(id)));

  /** @param has whether the audit has a completion; read within a computation */
  constructor(
    private readonly host: Pick<Host, 'setConclusion' | 'draftConclusion'>,
    private readonly has: (id: number) => boolean,
  ) {}

  get written(): ReadonlySignal<ConclusionContent> {
    return this.#written;
  }

  get saving(): ReadonlySignal<'saved' | 'saving' | { readonly reason: string }> {
    return this.#saving;
  }

  get drafting(): ReadonlySignal<Drafting> {
    return this.#drafting;
  }

  /** Takes over what the audit has, but for what is being written and not saved yet. */
  replace(conclusion: Conclusion | null): void {
    // It may tell of a save that another one has overtaken; with the answer to the last one comes what holds.
    if (this.#pending > 0) {
      this.#told = { conclusion };
      return;
    }
    const content = conclusion ? contentOf(conclusion) : NOTHING;
    const untouched = isSame(this.#written.peek(), this.#saved);
    this.#saved = content;
    if (untouched) this.#written.value = content;
  }

  /** For another audit. */
  clear(): void {
    this.#saved = NOTHING;
    this.#told = null;
    this.#written.value = NOTHING;
    this.#saving.value = 'saved';
    this.#drafting.value = { state: 'idle' };
  }

  write(change: Partial<Pick<ConclusionContent, 'statement' | 'confidence'>>): void {
    this.#written.value = { ...this.#written.peek(), ...change };
  }

  async choose(confidence: Confidence): Promise<void> {
    this.write({ confidence });
    await this.save();
  }

  isCited(id: number): boolean {
    return this.#written.value.citations.includes(id);
  }

  /** Cites a completion, or takes the citation back; answers whether it is cited now. */
  cite(id: number): boolean {
    const written = this.#written.peek();
    const cited = written.citations.includes(id);
    this.#written.value = { ...written, citations: cited ? written.citations.filter((other) => other !== id) : [...written.citations, id] };
    void this.save();
    return !cited;
  }

  /** Puts what is written on disk. What the statement cites as [#12] is among the citations from then on. */
  async save(): Promise<void> {
    const written = this.#written.peek();
    const mentioned = findCitations(written.statement).filter((id) => this.has(id) && !written.citations.includes(id));
    const content = mentioned.length === 0 ? written : { ...written, citations: [...written.citations, ...mentioned] };
    if (isSame(content, this.#saved)) return;
    const before = this.#saved;
    this.#saved = content;
    this.#written.value = content;
    this.#saving.value = 'saving';
    this.#pending++;
    try {
      const known = content.citations.filter((id) => this.has(id));
      await this.host.setConclusion({ conclusion: isSame(content, NOTHING) ? null : { ...content, citations: known } });
      this.#saving.value = 'saved';
    } catch (error) {
      if (this.#saved === content) this.#saved = before;
      this.#saving.value = { reason: messageOf(error) };
    } finally {
      this.#pending--;
      this.#takeTold();
    }
  }

  #takeTold(): void {
    if (this.#pending > 0 || !this.#told) return;
    const { conclusion } = this.#told;
    this.#told = null;
    this.replace(conclusion);
  }

  async askForDraft(ranking: RankingChoice): Promise<void> {
    if (this.#drafting.peek().state === 'asking') return;
    this.#drafting.value = { state: 'asking' };
    try {
      const answer = await this.host.draftConclusion(ranking);
      this.#drafting.value = 'reason' in answer ? { state: 'none', reason: answer.reason } : { state: 'there', draft: answer };
    } catch (error) {
      this.#drafting.value = { state: 'none', reason: messageOf(error) };
    }
  }

  /** Puts the draft in the place of what is written. */
  async takeDraft(): Promise<void> {
    const drafting = this.#drafting.peek();
    if (drafting.state !== 'there') return;
    const { statement, confidence, citations, draftedBy } = drafting.draft;
    batch(() => {
      this.#written.value = { statement, confidence: confidence ?? 'inconclusive', citations, draftedBy };
      this.#drafting.value = { state: 'idle' };
    });
    await this.save();
  }

  dropDraft(): void {
    this.#drafting.value = { state: 'idle' };
  }
}

function findProblems({ statement, confidence, citations }: ConclusionContent, has: (id: number) => boolean): string[] {
  const ids = new Set([...citations, ...findCitations(statement)]);
  const missing = [...ids].filter((id) => !has(id)).map((id) => `There is no completion #${id} in this audit.`);
  const bare = statement.trim() !== '' && ids.size === 0 && confidence !== 'inconclusive';
  return bare ? ['Cites no completion yet: Q cites the one that is shown, [#12] in the text cites number 12.'] : missing;
}

function contentOf({ statement, confidence, citations, draftedBy }: Conclusion): ConclusionContent {
  return { statement, confidence, citations, ...(draftedBy !== undefined && { draftedBy }) };
}

function isSame(a: ConclusionContent, b: ConclusionContent): boolean {
  return (
    a.statement === b.statement &&
    a.confidence === b.confidence &&
    a.draftedBy === b.draftedBy &&
    a.citations.length === b.citations.length &&
    a.citations.every((id, index) => id === b.citations[index])
  );
}
