/** A host that remembers what it is asked, and refuses where it is told to. */
import type { ConclusionContent, DrawnSlice, KeywordSet } from '../../../src/analysis/finding.js';
import type { Framing } from '../../../src/audit/framing.js';
import type { AuditOverview } from '../../../src/analysis/audit-analysis.js';
import { groupCompletions } from '../../../src/analysis/grouping.js';
import { countKeywords, Keywords, type KeywordText } from '../../../src/analysis/keywords.js';
import { rank } from '../../../src/audit/ranking.js';
import type { ScoreName } from '../../../src/audit/scores.js';
import type { CompletionSummary } from '../../../src/messages/page.js';
import type { DraftAnswer, SpanRemark, UndoAnswer } from '../../../src/messages/evidence.js';
import type { Host, Judgement, RankingChoice } from '../../../webview/host.js';
import { detail } from './samples.js';

export class RecordingHost implements Host {
  readonly sent: { id: number; judgement: Judgement }[] = [];
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
  readonly spans: { id: number; start: number; end: number; remark: SpanRemark }[] = [];
  readonly states: [finding: string, state: string][] = [];
  readonly keywords: (readonly KeywordSet[])[] = [];
  readonly conclusions: (ConclusionContent | null)[] = [];
  readonly drawn: { k: number; isWhole: boolean; ranking: RankingChoice }[] = [];
  referenceTexts: KeywordText[] = [];
  draft: DraftAnswer = { reason: 'no model' };
  slice: DrawnSlice | null = null;
  refusal: string | null = null;

  fetchDetails(ids: readonly number[]) {
    this.fetched.push([...ids]);
    return this.#answer(ids.map((id) => detail(id, [])));
  }
  fetchAlternatives() {
    return Promise.resolve({ finetuned: [], reference: [] });
  }
  fetchOverview(framing: Framing | null) {
    this.overviewsOf.push(framing);
    return this.#answer(this.overview);
  }
  showPass(pass: string) {
    this.passes.push(pass);
    return this.#answer(undefined);
  }
  fetchGroups() {
    return this.#answer(groupCompletions(this.completions).filter(({ length }) => length > 1));
  }
  countKeywords(sets: readonly KeywordSet[], score: ScoreName) {
    const { reference, framings, ...counts } = countKeywords(new Keywords(sets), rank(this.completions, score), this.referenceTexts);
    return this.#answer({ ...counts, framings: [...framings], reference: reference && { ...reference, framings: [...reference.framings] } });
  }
  setFinding(id: number, judgement: Judgement) {
    this.sent.push({ id, judgement });
    return this.#answer(undefined);
  }
  undoFinding(): Promise<UndoAnswer | null> {
    const last = this.sent.at(-1);
    return Promise.resolve(last ? { completionId: last.id, what: 'label' } : null);
  }
  act() {}
  addSpan(id: number, { start, end }: { start: number; end: number }, remark: SpanRemark) {
    this.spans.push({ id, start, end, remark });
    return this.#answer(`finding ${this.spans.length}`);
  }
  editSpan() {
    return this.#answer(null);
  }
  setSpanState(finding: string, state: string) {
    this.states.push([finding, state]);
    return this.#answer(undefined);
  }
  addReply() {
    return this.#answer(undefined);
  }
  editReply() {
    return this.#answer(null);
  }
  deleteReply() {
    return this.#answer(undefined);
  }
  setConclusion(conclusion: ConclusionContent | null) {
    this.conclusions.push(conclusion);
    return this.#answer(undefined);
  }
  draftConclusion() {
    return this.#answer(this.draft);
  }
  setKeywords(sets: readonly KeywordSet[]) {
    this.keywords.push(sets);
    return this.#answer(undefined);
  }
  drawSlice(k: number, isWhole: boolean, ranking: RankingChoice) {
    this.drawn.push({ k, isWhole, ranking });
    return this.slice ? this.#answer(this.slice) : Promise.reject(new Error('nothing to draw'));
  }

  #answer<T>(value: T): Promise<T> {
    return this.refusal === null ? Promise.resolve(value) : Promise.reject(new Error(this.refusal));
  }
}
