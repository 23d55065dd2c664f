/** What a drafter of a conclusion is shown of an audit. */
import { analyseCompletion } from '../audit/analyse.js';
import type { FindingLabel } from '../audit/finding.js';
import type { Framing } from '../audit/framing.js';
import { countKeywordsInSteps, Keywords } from '../audit/keywords.js';
import { rank } from '../audit/ranking.js';
import type { ScoreName } from '../audit/scores.js';
import type { Steps } from '../audit/slices.js';
import { textOfTokens } from '../audit/utf8.js';
import type { AuditSession } from './audit-session.js';

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
  /** Best first; then those that somebody labelled as revealing, wherever they rank. */
  readonly completions: readonly DraftedCompletion[];
  readonly keywords: readonly { readonly set: string; readonly top10: number; readonly top100: number; readonly all: number; readonly of: number }[];
  /** About passages. */
  readonly findings: readonly { readonly completion: number; readonly quote: string; readonly label: FindingLabel | null; readonly category: string | null; readonly note: string }[];
}

export interface DraftRanking {
  readonly score: ScoreName;
  /** All framings in one ranking where it is `null`. */
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
  const { findings, setup, plan } = session;
  const items = [];
  for (const record of session.records) {
    if (framing !== null && record.framing !== framing) continue;
    items.push({ id: record.id, framing: record.framing, prefill: textOfTokens(record.prefill.pieces), text: textOfTokens(record.tokens), scores: analyseCompletion(record).scores });
    yield;
  }
  const ranked = rank(items, score);
  const current = findings.current();
  const others = ranked.slice(DRAFTED_COMPLETIONS).filter(({ id }) => current.get(id)?.label === 'revealing');
  const sets = new Keywords(findings.keywordSets());
  const counts = sets.sets.length === 0 ? null : yield* countKeywordsInSteps(sets, ranked);
  const chosen = [...ranked.slice(0, DRAFTED_COMPLETIONS), ...others.slice(0, REVEALING_AT_MOST)];
  const ids = new Set(chosen.map(({ id }) => id));
  return {
    finetunedName: setup?.finetuned.name ?? plan.name,
    referenceName: setup?.reference.name ?? 'the reference',
    rankedBy: score,
    completions: chosen.map(({ id, framing: of, prefill, text, scores }) => ({
      ...{ id, framing: of, prefill: cut(prefill, TEXT_CHARACTERS), text: cut(text, TEXT_CHARACTERS), isCut: text.length > TEXT_CHARACTERS, score: scores[score] },
      labels: (findings.judgements().get(id) ?? []).map(({ label, category, note }) => ({ label, category, note: cut(note, NOTE_CHARACTERS) })),
    })),
    keywords: counts === null ? [] : counts.sets.map(({ top10, top100, all, of }, index) => ({ set: sets.sets[index]!.name, top10, top100, all, of })),
    findings: findings
      .spans()
      .filter(({ completionId, state }) => ids.has(completionId) && state === 'open')
      .slice(0, FINDINGS_AT_MOST)
      .map(({ completionId, quote, label, category, note }) => ({ completion: completionId, quote: cut(quote, NOTE_CHARACTERS), label, category, note: cut(note, NOTE_CHARACTERS) })),
  };
}

function cut(text: string, characters: number): string {
  return text.length <= characters ? text : text.slice(0, characters).replace(/[\uD800-\uDBFF]$/, '');
}
