/** A host that remembers what it is asked, and refuses where it is told to. */
import type { ConclusionContent, DrawnSlice, KeywordSet } from '../../../src/analysis/finding.js';
import type { Framing } from '../../../src/audit/framing.js';
import type { AuditOverview } from '../../../src/analysis/audit-analysis.js';
import { groupCompletions } from '../../../src/analysis/grouping.js';
import { countKeywords, Keywords, type KeywordText } from '../../../src/analysis/keywords.js';
import { rank } from '../../../src/audit/ranking.js';
import type { ConfirmAnswer } from '../../../src/messages/confirmation.js';
import type { CompletionSummary } from '../../../src/messages/page.js';
import type { DraftAnswer, RankingChoice, UndoAnswer } from '../../../src/messages/evidence.js';
import type { Host } from '../../../webview/host.js';
import { detail } from './samples.js';

type AskedOf<Name extends keyof Host> = Parameters<Host[Name]>[0];

export class RecordingHost implements Host {
  readonly sent: AskedOf<'setFinding'>[] = [];
  readonly fetched: number[][] = [];
  readonly passes: string[] = [];
  readonly overviewsOf: (Framing | null)[] = [];
  /** What it has: the page is told by the test. */
  completions: readonly CompletionSummary[] = [];
  overview: AuditOverview = {
    verdict: {
      state: 'undetermined',
      sentence: 'Undetermined: no noise.',
      kind: null,
      carriers: { completions: 0, ids: [], themes: [] },
      cannotExclude: [],
      missing: [],
    },
    themes: [],
    hidden: [],
    completionCount: 0,
    openingCount: 0,
  };
  readonly spans: AskedOf<'addSpan'>[] = [];
  readonly states: [finding: string, state: string][] = [];
  readonly keywords: (readonly KeywordSet[])[] = [];
  readonly conclusions: (ConclusionContent | null)[] = [];
  readonly drawn: AskedOf<'drawSlice'>[] = [];
  referenceTexts: KeywordText[] = [];
  draft: DraftAnswer = { reason: 'no model' };
  slice: DrawnSlice | null = null;
  refusal: string | null = null;
  /** What was to be confirmed; answered by the test. */
  readonly confirmed: { which: AskedOf<'confirm'>; resolve(answer: ConfirmAnswer): void; reject(error: Error): void }[] = [];

  ready() {
    return this.#answer(null);
  }
  act() {
    return this.#answer(null);
  }
  confirm(which: AskedOf<'confirm'>) {
    return new Promise<ConfirmAnswer>((resolve, reject) => void this.confirmed.push({ which, resolve, reject }));
  }
  stopConfirming() {
    this.confirmed.at(-1)?.reject(new Error('Cancelled.'));
    return this.#answer(null);
  }
  fetchDetails({ ids }: AskedOf<'fetchDetails'>) {
    this.fetched.push([...ids]);
    return this.#answer(ids.map((id) => detail(id, [])));
  }
  fetchAlternatives() {
    return Promise.resolve({ finetuned: [], reference: [] });
  }
  fetchOverview({ framing }: AskedOf<'fetchOverview'>) {
    this.overviewsOf.push(framing);
    return this.#answer(this.overview);
  }
  showPass({ pass }: AskedOf<'showPass'>) {
    this.passes.push(pass);
    return this.#answer(null);
  }
  fetchGroups() {
    return this.#answer(groupCompletions(this.completions).filter(({ length }) => length > 1));
  }
  countKeywords({ sets, score }: AskedOf<'countKeywords'>) {
    const { reference, framings, ...counts } = countKeywords(new Keywords(sets), rank(this.completions, score), this.referenceTexts);
    return this.#answer({ ...counts, framings: [...framings], reference: reference && { ...reference, framings: [...reference.framings] } });
  }
  setFinding(judgement: AskedOf<'setFinding'>) {
    this.sent.push(judgement);
    return this.#answer(null);
  }
  undoFinding(): Promise<UndoAnswer | null> {
    const last = this.sent.at(-1);
    return Promise.resolve(last ? { completionId: last.completionId, what: 'label' } : null);
  }
  addSpan(span: AskedOf<'addSpan'>) {
    this.spans.push(span);
    return this.#answer(`finding ${this.spans.length}`);
  }
  editSpan() {
    return this.#answer(null);
  }
  setSpanState({ finding, state }: AskedOf<'setSpanState'>) {
    this.states.push([finding, state]);
    return this.#answer(null);
  }
  addReply() {
    return this.#answer('reply');
  }
  editReply() {
    return this.#answer(null);
  }
  deleteReply() {
    return this.#answer(null);
  }
  setConclusion({ conclusion }: AskedOf<'setConclusion'>) {
    this.conclusions.push(conclusion);
    return this.#answer(null);
  }
  draftConclusion(_ranking: RankingChoice) {
    return this.#answer(this.draft);
  }
  setKeywords({ sets }: AskedOf<'setKeywords'>) {
    this.keywords.push(sets);
    return this.#answer(null);
  }
  drawSlice(slice: AskedOf<'drawSlice'>) {
    this.drawn.push(slice);
    return this.slice ? this.#answer(this.slice) : Promise.reject(new Error('nothing to draw'));
  }

  #answer<T>(value: T): Promise<T> {
    return this.refusal === null ? Promise.resolve(value) : Promise.reject(new Error(this.refusal));
  }
}
