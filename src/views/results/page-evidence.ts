/** Findings on a results page: what it is told, and what it changes. */
import { randomInt } from 'node:crypto';
import type { CompletionRecord } from '../../audit/completion.js';
import { AuditError } from '../../audit/errors.js';
import { drawBlindSlice } from '../../analysis/figures/blind-slice.js';
import type { BlindSlice, DrawnSlice, SpanFinding } from '../../analysis/finding.js';
import { rank } from '../../audit/ranking.js';
import { TextPlaces } from '../../analysis/text-places.js';
import type { AnswersTo } from '../../messages/declare-request.js';
import type { DraftAnswer, Evidence, PlacedSpan, RankingChoice } from '../../messages/evidence.js';
import type { PageRequests } from '../../messages/page-requests.js';
import type { CompletionSummary, PageListener } from '../../messages/page.js';
import type { AuditSession } from '../../runner/run/audit-session.js';
import { saveNote } from './save-note.js';
import type { ShownPass } from './shown-pass.js';

export interface EvidenceSurroundings {
  summarise(record: CompletionRecord): CompletionSummary;
  readonly shown: Pick<ShownPass, 'isMain' | 'requireMain'>;
  /** Runs a change of a file; a failure is also shown to the user. */
  report<T>(task: () => Promise<T>): Promise<T>;
  /** Left out where no language model can be asked. */
  draftConclusion?(session: AuditSession, ranking: RankingChoice, signal: AbortSignal): Promise<DraftAnswer>;
}

export const NO_DRAFTS = 'No language model can be asked here. Write the conclusion yourself, or set one up.';

const LARGEST_SEED = 2 ** 32;

export class PageEvidence {
  /** What the page was told of each part, as JSON. */
  readonly #told = new Map<string, string>();
  /** Some of the spans are of completions that have not come yet. */
  #waiting = false;
  readonly #places = new WeakMap<CompletionRecord, TextPlaces>();

  constructor(
    private readonly session: AuditSession,
    private readonly page: Pick<PageListener, 'onEvidence'>,
    private readonly surroundings: EvidenceSurroundings,
  ) {}

  /** All of it, for a page that starts. */
  open(): Evidence {
    const evidence = this.#read();
    for (const [part, value] of Object.entries(evidence)) this.#told.set(part, JSON.stringify(value));
    return evidence;
  }

  /** Tells what is not as it was told. */
  push(): void {
    const changed = Object.entries(this.#read()).filter(([part, value]) => {
      const json = JSON.stringify(value);
      if (this.#told.get(part) === json) return false;
      this.#told.set(part, json);
      return true;
    });
    if (changed.length > 0) this.page.onEvidence(Object.fromEntries(changed));
  }

  /** Completions have come: findings that waited for them have a place now. */
  pushPlaces(): void {
    if (this.#waiting) this.push();
  }

  answers() {
    const { session, surroundings } = this;
    const { findings } = session;
    return {
      addSpan: ({ completionId, start, end, ...remark }) => {
        surroundings.shown.requireMain();
        const places = this.#placesOf(this.#record(completionId));
        const span = places.toBytes([start, end]);
        if (!span) throw new AuditError('refused', `Completion ${completionId} has no text from ${start} to ${end}.`);
        const [from, to] = places.toUnits(span)!;
        const quote = places.text.slice(from, to);
        return surroundings.report(() => findings.addSpan({ completionId, span, quote, ...remark }));
      },
      editSpan: ({ finding, begun, note: typed, ...rest }) => surroundings.report(() => saveNote(findings, { finding, reply: null, begun, typed, rest })),
      setSpanState: ({ finding, state }) => {
        const set = { open: () => findings.reopenSpan(finding), resolved: () => findings.resolveSpan(finding), deleted: () => findings.deleteSpan(finding) };
        return surroundings.report(() => set[state]().then(() => null));
      },
      addReply: ({ finding, note }) => surroundings.report(() => findings.addReply(finding, note)),
      editReply: ({ note: typed, ...which }) => surroundings.report(() => saveNote(findings, { ...which, typed })),
      deleteReply: ({ reply }) => surroundings.report(() => findings.deleteReply(reply).then(() => null)),
      setConclusion: ({ conclusion }) => {
        for (const id of conclusion?.citations ?? []) this.#record(id);
        return surroundings.report(() => findings.setConclusion(conclusion).then(() => null));
      },
      setKeywords: ({ sets }) => surroundings.report(() => findings.setKeywordSets(sets).then(() => null)),
      drawSlice: ({ k, isWhole, score, framing }) => {
        surroundings.shown.requireMain();
        return surroundings.report(() => this.#drawSlice(k, isWhole, { score, framing }));
      },
      draftConclusion: (ranking, signal) => surroundings.draftConclusion?.(session, ranking, signal) ?? { reason: NO_DRAFTS },
    } satisfies Partial<AnswersTo<PageRequests>>;
  }

  async #drawSlice(k: number, isWhole: boolean, { score, framing }: RankingChoice): Promise<DrawnSlice> {
    const { session, surroundings } = this;
    const candidates = session.records.filter((record) => framing === null || record.framing === framing);
    if (candidates.length === 0) throw new AuditError('refused', 'There is no completion to draw. Wait for the first ones, or choose another framing.');
    const ranking = rank(
      candidates.map((record) => surroundings.summarise(record)),
      score,
    ).map(({ id }) => id);
    const slice: BlindSlice = { ...drawBlindSlice({ ranking, k, seed: randomInt(LARGEST_SEED), score, framing, withRandom: isWhole }), marked: true };
    await session.findings.addBlindSlice(slice);
    return session.findings.blindSlices().findLast((drawn) => drawn.slice.seed === slice.seed)!;
  }

  #record(id: number): CompletionRecord {
    const record = this.session.record(id);
    if (!record) throw new AuditError('refused', `This audit has no completion #${id}.`);
    return record;
  }

  #placesOf(record: CompletionRecord): TextPlaces {
    const known = this.#places.get(record);
    if (known) return known;
    const places = TextPlaces.of(record);
    this.#places.set(record, places);
    return places;
  }

  #place(span: SpanFinding): PlacedSpan {
    const record = this.session.record(span.completionId);
    if (!record) this.#waiting = true;
    return { ...span, place: record ? this.#placesOf(record).toUnits(span.span) : null };
  }

  #read(): Evidence {
    this.#waiting = false;
    const { findings, author } = this.session;
    const evidence = { author, conclusion: findings.conclusion(), otherConclusions: findings.otherConclusions(), keywordSets: findings.keywordSets() };
    // What is said of the main pass's completions would stand at those of another that have their ids.
    if (!this.surroundings.shown.isMain) return { ...evidence, judgements: [], spans: [], slices: [] };
    return {
      ...evidence,
      judgements: [...findings.judgements().values()].filter(({ length }) => length > 1).flat(),
      spans: findings.spans().map((span) => this.#place(span)),
      slices: findings.blindSlices(),
    };
  }
}
