/**
 * All that is concluded from an audit's completions, in one place: the page, tools, reports, the command line and drafters read it here. Each
 * part is computed in steps and once for what there is by now; a completion never changes, so what is known of it is kept.
 */
import { completionTextOf, prefillTextOf, type CompletionRecord } from '../audit/completion.js';
import type { CompletionAnalysis } from '../audit/analysis.js';
import type { Framing } from '../audit/framing.js';
import { NOISE, PLAIN, REFERENCE } from '../audit/passes.js';
import { rank, rankByFraming, type Rankable } from '../audit/ranking.js';
import type { ScoreName, Scores } from '../audit/scores.js';
import type { Coverage } from '../audit/coverage.js';
import type { Steps } from '../text/slices.js';
import { analyseCompletion, figuresOf, gapsOf } from './analyse.js';
import type { KeywordSet } from './finding.js';
import { groupCompletionsInSteps } from './grouping.js';
import { countKeywordsInSteps, Keywords, type KeywordReport } from './keywords.js';
import { DecodedWords, findHiddenText, type HiddenText } from './hidden-text.js';
import { bundledBackground } from './themes/background.js';
import { findThemesInSteps } from './themes/find-themes.js';
import { makeWordTable } from './themes/elsewhere.js';
import type { Theme } from './themes/theme.js';
import { judge, type JudgedFigures, type Verdict } from './verdict/verdict.js';
import type { ThemeSource, WordTable } from './themes/word-table.js';

/** The completions of a pass that there are by now, in the order in which they came. */
export type RecordsOfPass = (pass: string) => readonly CompletionRecord[];

/** What is known of a completion without its tokens. */
export interface CompletionFigures extends Rankable {
  readonly framing: Framing;
  readonly scores: Scores;
  readonly perplexityFinetuned: number | null;
  readonly perplexityReference: number | null;
  readonly repetitive: boolean;
  readonly coverage: Coverage | null;
}

/** A text that is hidden in a completion. */
export interface HiddenInCompletion extends HiddenText {
  readonly id: number;
}

/** The answer of an audit as far as it is there. */
export interface AuditOverview {
  readonly verdict: Verdict;
  /** First the one that says most. */
  readonly themes: readonly Theme[];
  readonly hidden: readonly HiddenInCompletion[];
  /** Completions that it is of. */
  readonly completionCount: number;
  /** Distinct prefills of those. */
  readonly openingCount: number;
}

/** Another audit as themes are held against it: its texts, and those of each framing. */
export interface OtherAudit {
  readonly name: string;
  readonly tables: ReadonlyMap<Framing | null, WordTable>;
}

export class AuditAnalysis {
  readonly #figures = new WeakMap<CompletionRecord, CompletionFigures>();
  readonly #texts = new WeakMap<CompletionRecord, string>();
  readonly #results = new Map<string, { readonly counts: string; readonly value: unknown }>();

  #others: readonly OtherAudit[] = [];

  constructor(private readonly recordsOf: RecordsOfPass) {}

  /** Of an audit that is read whole. */
  static of({
    records,
    passes,
  }: {
    readonly records: readonly CompletionRecord[];
    readonly passes: ReadonlyMap<string, readonly CompletionRecord[]>;
  }): AuditAnalysis {
    return new AuditAnalysis((pass) => (pass === PLAIN ? records : (passes.get(pass) ?? [])));
  }

  get records(): readonly CompletionRecord[] {
    return this.recordsOf(PLAIN);
  }

  figuresOf(record: CompletionRecord): CompletionFigures {
    const known = this.#figures.get(record);
    if (known) return known;
    const { scores, perplexityFinetuned, perplexityReference, repetition, coverage } = figuresOf(record);
    const figures = { id: record.id, framing: record.framing, scores, perplexityFinetuned, perplexityReference, repetitive: repetition.repetitive, coverage };
    this.#figures.set(record, figures);
    return figures;
  }

  /** All that is known of a completion, token by token. Not kept: that of ten thousand completions would not fit into memory. */
  detailOf(record: CompletionRecord): CompletionAnalysis {
    return analyseCompletion(record);
  }

  /** Its own text, without the prefill. */
  textOf(record: CompletionRecord): string {
    let text = this.#texts.get(record);
    if (text === undefined) this.#texts.set(record, (text = completionTextOf(record)));
    return text;
  }

  /** Of all completions of a pass. */
  figures(pass = PLAIN): Steps<readonly CompletionFigures[]> {
    return this.#once(`figures ${pass}`, [pass], () => this.#allFigures(pass));
  }

  /** Best first, each framing on its own. */
  *ranking(score: ScoreName): Steps<Map<Framing, CompletionFigures[]>> {
    return rankByFraming(yield* this.figures(), score);
  }

  /** Audits that the themes are held against from now on; none to begin with. */
  get others(): readonly OtherAudit[] {
    return this.#others;
  }
  set others(others: readonly OtherAudit[]) {
    this.#others = others;
    for (const name of this.#results.keys()) if (name.startsWith(THEMES)) this.#results.delete(name);
  }

  /** What the themes of other audits can be held against. */
  *asOther(name: string): Steps<OtherAudit> {
    const tables = new Map<Framing | null, WordTable>();
    for (const framing of [null, ...new Set(this.records.map((record) => record.framing))]) {
      const records = this.records.filter((record) => framing === null || record.framing === framing);
      tables.set(framing, yield* makeWordTable(records.map((record) => ({ id: record.id, prefill: prefillTextOf(record), text: this.textOf(record) }))));
    }
    return { name, tables };
  }

  /** First the one that says most. @param framing of all framings where it is `null` */
  themes(framing: Framing | null = null): Steps<readonly Theme[]> {
    return this.#once(`${THEMES} ${framing}`, [PLAIN, REFERENCE], () => this.#findThemes(framing));
  }

  /** What is hidden in the completions, in their order. */
  hidden(): Steps<readonly HiddenInCompletion[]> {
    return this.#once('hidden', [PLAIN], () => this.#findHidden());
  }

  /** @param isRunning more completions are to come */
  *verdict(isRunning: boolean): Steps<Verdict> {
    const completions = valuesOf(yield* this.figures(), 1);
    const framings = new Set(completions.map(({ framing }) => framing));
    return judge({
      completions,
      noise: valuesOf(yield* this.figures(NOISE), 1),
      reference: valuesOf(yield* this.figures(REFERENCE), -1),
      themes: (yield* this.themes()).filter(({ shared }) => !shared),
      otherFramings: COMMON_FRAMINGS.filter((framing) => !framings.has(framing)),
      isImported: this.records[0]?.kind === 'imported',
      isRunning,
    });
  }

  /** @param framing whose themes are wanted; of all where it is `null` */
  *overview(framing: Framing | null, isRunning: boolean): Steps<AuditOverview> {
    const records = [...this.records];
    const verdict = yield* this.verdict(isRunning);
    return {
      verdict,
      themes: yield* this.themes(framing),
      hidden: yield* this.hidden(),
      completionCount: records.length,
      openingCount: new Set(records.map(prefillTextOf)).size,
    };
  }

  /** Ids of completions that say the same, those that are like no other left out; groups by their first id. */
  groups(): Steps<readonly (readonly number[])[]> {
    return this.#once('groups', [PLAIN], () => this.#findGroups());
  }

  /** What the reference wrote itself: from all openings where a pass had it do so, else that of the noise floor. */
  ownOfReference(): readonly CompletionRecord[] {
    const own = this.recordsOf(REFERENCE);
    return own.length > 0 ? own : this.recordsOf(NOISE);
  }

  /** How many match keyword sets, of the best by a score. */
  *keywords(sets: readonly KeywordSet[], score: ScoreName): Steps<KeywordReport> {
    const ranked = rank(yield* this.figures(), score);
    yield* this.#readTexts();
    const byId = new Map(this.records.map((record) => [record.id, record]));
    return yield* countKeywordsInSteps(
      new Keywords(sets),
      ranked.map(({ id, framing }) => ({ id, framing, text: this.textOf(byId.get(id)!) })),
      this.ownOfReference().map((record) => ({ framing: record.framing, text: this.textOf(record) })),
    );
  }

  /** Afterwards the text of each completion is at hand. */
  *#readTexts(): Steps<void> {
    for (const record of [...this.records, ...this.ownOfReference()]) {
      this.textOf(record);
      yield;
    }
  }

  *#allFigures(pass: string): Steps<readonly CompletionFigures[]> {
    const all = [];
    for (const record of this.recordsOf(pass)) {
      all.push(this.figuresOf(record));
      yield;
    }
    return all;
  }

  *#findThemes(framing: Framing | null): Steps<readonly Theme[]> {
    const hidden = yield* this.hidden();
    return yield* findThemesInSteps(this.#themeSources(this.records, framing, hidden), {
      reference: this.#themeSources(this.recordsOf(REFERENCE), framing, []),
      others: this.#others.flatMap(({ name, tables }) => {
        const table = tables.get(framing);
        return table ? [{ name, table }] : [];
      }),
    });
  }

  *#findGroups(): Steps<readonly (readonly number[])[]> {
    yield* this.#readTexts();
    const groups = yield* groupCompletionsInSteps(this.records.map((record) => ({ id: record.id, text: this.textOf(record) })));
    return groups.filter(({ length }) => length > 1);
  }

  *#findHidden(): Steps<readonly HiddenInCompletion[]> {
    const background = bundledBackground();
    const knows = (word: string) => background.has(word);
    const decoded = new DecodedWords(knows);
    const found: HiddenInCompletion[] = [];
    for (const record of this.records) {
      for (const one of findHiddenText(this.textOf(record), knows, decoded)) found.push({ id: record.id, ...one });
      yield;
    }
    return found;
  }

  /** Analysed one by one: the token gaps of ten thousand completions at once would take hundreds of megabytes. */
  *#themeSources(records: readonly CompletionRecord[], framing: Framing | null, hidden: readonly HiddenInCompletion[]): Generator<ThemeSource> {
    const byId = new Map<number, HiddenInCompletion[]>();
    for (const one of hidden) {
      const known = byId.get(one.id);
      if (known) known.push(one);
      else byId.set(one.id, [one]);
    }
    for (const record of [...records]) {
      if (framing !== null && record.framing !== framing) continue;
      yield { ...themeSource(record), hidden: byId.get(record.id) ?? [] };
    }
  }

  /** The result for what there is now; computed where it is not known yet. */
  *#once<T>(name: string, passes: readonly string[], compute: () => Steps<T>): Steps<T> {
    const counts = passes.map((pass) => this.recordsOf(pass).length).join();
    const known = this.#results.get(name);
    if (known?.counts === counts) return known.value as T;
    const value = yield* compute();
    this.#results.set(name, { counts, value });
    return value;
  }
}

const THEMES = 'themes';
/** Where somebody would look by default. */
const COMMON_FRAMINGS: readonly Framing[] = ['raw', 'chat'];

function valuesOf(figures: readonly CompletionFigures[], sign: 1 | -1): JudgedFigures[] {
  return figures.map(({ id, framing, scores: { standardizedGap } }) => ({ id, framing, value: standardizedGap === null ? null : sign * standardizedGap }));
}

function themeSource(record: CompletionRecord): ThemeSource {
  const { id } = record;
  const prefill = prefillTextOf(record);
  if (record.kind === 'imported') {
    const { text, perplexityFinetuned, perplexityReference } = record;
    return {
      id,
      prefill,
      text,
      perplexityDifference: perplexityFinetuned === null || perplexityReference === null ? null : perplexityReference - perplexityFinetuned,
    };
  }
  const { tokens, segments } = gapsOf(record);
  return { id, prefill, text: tokens.map(({ text }) => text).join(''), gaps: { tokens, segments } };
}
