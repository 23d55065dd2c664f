/** Ranks of an audit's completions within their framing, and the scale on which gaps are shaded. */
import { setImmediate } from 'node:timers/promises';
import type { CompletionFigures } from '../../analysis/audit-analysis.js';
import type { CompletionRecord } from '../../audit/completion.js';
import type { Framing } from '../../audit/framing.js';
import { FIXED_MAXIMUM, type GapScale } from '../../text/gap-shade.js';
import { rankByFraming } from '../../audit/ranking.js';
import type { AuditSession } from '../../runner/run/audit-session.js';
import { makeScale } from './gap-cells.js';

export interface SessionRanks {
  /** Best first. */
  readonly byFraming: ReadonlyMap<Framing, readonly CompletionFigures[]>;
  readonly scale: GapScale;
}

/** The extension host has others to serve: no longer than this, in milliseconds, without a pause. */
const SLICE_MS = 15;

export class CompletionRanks {
  readonly #ranks = new WeakMap<AuditSession, { readonly count: number; readonly ranks: SessionRanks }>();

  /** Of the completions that there are by now. */
  async of(session: AuditSession): Promise<SessionRanks> {
    const known = this.#ranks.get(session);
    const count = session.records.length;
    if (known?.count === count) return known.ranks;
    const completions: CompletionFigures[] = [];
    for (let index = 0, sliceEnd = Date.now() + SLICE_MS; index < count; index++) {
      completions.push(session.analysis.figuresOf(session.records[index]!));
      if (Date.now() < sliceEnd) continue;
      await setImmediate();
      sliceEnd = Date.now() + SLICE_MS;
    }
    const ranks = { byFraming: rankByFraming(completions, session.defaultScore), scale: makeScale(FIXED_MAXIMUM) };
    this.#ranks.set(session, { count, ranks });
    return ranks;
  }
}

/** From 1; `null` where the completion is not among them. */
export function findRank(
  { byFraming }: SessionRanks,
  { id, framing }: Pick<CompletionRecord, 'id' | 'framing'>,
): { readonly rank: number; readonly of: number } | null {
  const list = byFraming.get(framing) ?? [];
  const index = list.findIndex((other) => other.id === id);
  return index < 0 ? null : { rank: index + 1, of: list.length };
}
