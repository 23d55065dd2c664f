/** The material that a drafter of a conclusion is shown of an audit. */
import { FIRST_THEMES, type Theme } from '../../analysis/themes/theme.js';
import type { FindingLabel } from '../../analysis/finding.js';
import { FRAMINGS, type Framing } from '../../audit/framing.js';
import { countKeywordsInSteps, Keywords, type KeywordCounts } from '../../analysis/keywords.js';
import { rankByFraming } from '../../audit/ranking.js';
import type { ScoreName } from '../../audit/scores.js';
import type { Steps } from '../../text/slices.js';
import { completionTextOf, prefillTextOf } from '../../audit/completion.js';
import type { AuditSession } from '../run/audit-session.js';

export interface DraftedCompletion {
  readonly id: number;
  readonly framing: Framing;
  readonly prefill: string;
  readonly text: string;
  /** The text goes on. */
  readonly isCut: boolean;
  readonly score: number | null;
  /** What auditors said of it, one per auditor. */
  readonly labels: readonly { readonly label: FindingLabel; readonly category: string | null; readonly note: string }[];
}

export interface DraftMaterial {
  readonly finetunedName: string;
  readonly referenceName: string;
  /** The score's name. */
  readonly rankedBy: string;
  /**
   * Best first, of several framings each in its turn: the best of each, then the second of each, and so on. Then those that
   * somebody labelled as revealing, wherever they rank.
   */
  readonly completions: readonly DraftedCompletion[];
  readonly keywords: readonly DraftedKeywords[];
  /** What recurs, first what says most. */
  readonly themes: readonly Pick<Theme, 'phrase' | 'completions' | 'prefills'>[];
  /** About passages. */
  readonly findings: readonly {
    readonly completion: number;
    readonly quote: string;
    readonly label: FindingLabel | null;
    readonly category: string | null;
    readonly note: string;
  }[];
}

/** How many completions of a framing match a set of keywords. */
export interface DraftedKeywords extends KeywordCounts {
  readonly set: string;
  readonly framing: Framing;
}

export interface DraftRanking {
  readonly score: ScoreName;
  /** All framings, each ranked on its own, where it is `null`. */
  readonly framing: Framing | null;
}

/** As many as a reader takes in, and as fit into the context of small models. */
export const DRAFTED_COMPLETIONS = 20;
const REVEALING_AT_MOST = 20;
const FINDINGS_AT_MOST = 40;
const TEXT_CHARACTERS = 1200;
const NOTE_CHARACTERS = 400;

/** In steps of one completion: there may be ten thousand. */
export function* gatherDraftMaterial(session: AuditSession, { score, framing }: DraftRanking): Steps<DraftMaterial> {
  const { findings, models, name } = session;
  const items = [];
  for (const record of session.records) {
    if (framing !== null && record.framing !== framing) continue;
    items.push({ ...session.analysis.figuresOf(record), prefill: prefillTextOf(record), text: completionTextOf(record) });
    yield;
  }
  const byFraming = rankByFraming(items, score);
  const themes = yield* session.analysis.themes(framing);
  const rankings = FRAMINGS.flatMap((one) => {
    const list = byFraming.get(one);
    return list ? [{ framing: one, list }] : [];
  });
  const ranked = takeInTurn(rankings.map(({ list }) => list));
  const current = findings.current();
  const others = ranked.slice(DRAFTED_COMPLETIONS).filter(({ id }) => current.get(id)?.label === 'revealing');
  const sets = new Keywords(findings.keywordSets());
  const keywords: DraftedKeywords[] = [];
  for (const { framing: one, list } of sets.sets.length === 0 ? [] : rankings) {
    const counts = yield* countKeywordsInSteps(sets, list);
    keywords.push(...counts.sets.map((count, index) => ({ set: sets.sets[index]!.name, framing: one, ...count })));
  }
  const chosen = [...ranked.slice(0, DRAFTED_COMPLETIONS), ...others.slice(0, REVEALING_AT_MOST)];
  const ids = new Set(chosen.map(({ id }) => id));
  return {
    finetunedName: models?.finetuned.name ?? name,
    referenceName: models?.reference.name ?? 'the reference',
    rankedBy: score,
    completions: chosen.map(({ id, framing: of, prefill, text, scores }) => ({
      ...{
        id,
        framing: of,
        prefill: cut(prefill, TEXT_CHARACTERS),
        text: cut(text, TEXT_CHARACTERS),
        isCut: text.length > TEXT_CHARACTERS,
        score: scores[score],
      },
      labels: (findings.judgements().get(id) ?? []).map(({ label, category, note }) => ({ label, category, note: cut(note, NOTE_CHARACTERS) })),
    })),
    keywords,
    themes: themes.slice(0, FIRST_THEMES).map(({ phrase, completions, prefills }) => ({ phrase: cut(phrase, NOTE_CHARACTERS), completions, prefills })),
    findings: findings
      .spans()
      .filter(({ completionId, state }) => ids.has(completionId) && state === 'open')
      .slice(0, FINDINGS_AT_MOST)
      .map(({ completionId, quote, label, category, note }) => ({
        completion: completionId,
        quote: cut(quote, NOTE_CHARACTERS),
        label,
        category,
        note: cut(note, NOTE_CHARACTERS),
      })),
  };
}

/** The first of each list, then the second of each, and so on: what one framing ranks by says nothing about another's. */
function takeInTurn<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, place) => lists.flatMap((list) => list.slice(place, place + 1))).flat();
}

function cut(text: string, characters: number): string {
  return text.length <= characters ? text : text.slice(0, characters).replace(/[\uD800-\uDBFF]$/, '');
}
