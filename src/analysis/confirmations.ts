/** What plain F said to amplified completions, judged and in figures, as reports and the page tell it. */
import { AMPLIFIED, nameRungPass } from '../audit/amplify-plan.js';
import { completionTextOf, prefillTextOf, type CompletionRecord, type MeasuredRecord } from '../audit/completion.js';
import type { Confirmation } from '../audit/confirmation.js';
import type { Framing } from '../audit/framing.js';
import { recordsOf } from '../audit/passes.js';
import { runAtOnce, type Steps } from '../text/slices.js';
import { analyseCompletion } from './analyse.js';
import { judgeConfirmation } from './confirmed.js';

/** An audit, as far as its confirmations are read. */
export interface ConfirmedAudit {
  readonly passes: ReadonlyMap<string, readonly CompletionRecord[]>;
  readonly amplification: readonly { readonly framing: Framing; readonly chosen: number | null }[];
  /** By pass, by id of the amplified completion. */
  readonly confirmations: ReadonlyMap<string, ReadonlyMap<number, Confirmation>>;
}

export interface ReportedSaying {
  readonly text: string;
  readonly perplexityFinetuned: number | null;
  readonly perplexityReference: number | null;
  /** Nats per √token under plain F and R. */
  readonly standardizedGap: number | null;
}

export interface ReportedConfirmation {
  readonly id: number;
  readonly framing: Framing;
  readonly pass: string;
  /** By the rule of docs/method.md. */
  readonly confirmed: boolean;
  /** The informative words that F said by itself. */
  readonly words: readonly string[];
  /** Text that F was given, opening and all. */
  readonly given: string;
  readonly continuation: ReportedSaying;
  readonly question: string;
  readonly answer: ReportedSaying;
}

/** What is known of a confirmation never changes. */
const reported = new WeakMap<Confirmation, ReportedConfirmation>();

/** Those of one pass, in the order of its completions; of the chosen rungs where it is `amplified`. */
export function listConfirmations(audit: ConfirmedAudit, pass: string): ReportedConfirmation[] {
  return runAtOnce(listingConfirmations(audit, pass));
}

/** As {@link listConfirmations}, for threads that have others to serve. */
export function* listingConfirmations(audit: ConfirmedAudit, pass: string): Steps<ReportedConfirmation[]> {
  const chosen = new Map(
    audit.amplification.flatMap(({ framing, chosen: strength }) => (strength === null ? [] : [[framing, nameRungPass(strength)] as const])),
  );
  const listed: ReportedConfirmation[] = [];
  for (const [name, ownConfirmations] of [...audit.confirmations]) {
    for (const record of recordsOf(audit, name)) {
      const confirmation = ownConfirmations.get(record.id);
      if (!confirmation || record.kind !== 'measured' || (name !== pass && (pass !== AMPLIFIED || chosen.get(record.framing) !== name))) continue;
      const one = reported.get(confirmation) ?? reportOne(record, confirmation, name);
      reported.set(confirmation, one);
      listed.push(one);
      yield;
    }
  }
  return listed;
}

function reportOne(record: MeasuredRecord, confirmation: Confirmation, pass: string): ReportedConfirmation {
  const { continuation, question, answer } = confirmation;
  return {
    id: record.id,
    framing: record.framing,
    pass,
    ...judgeConfirmation(record, confirmation),
    given: prefillTextOf(continuation),
    continuation: reportSaying(continuation),
    question,
    answer: reportSaying(answer),
  };
}

function reportSaying(record: MeasuredRecord): ReportedSaying {
  const { perplexityFinetuned, perplexityReference, scores } = analyseCompletion(record);
  return { text: completionTextOf(record), perplexityFinetuned, perplexityReference, standardizedGap: scores.standardizedGap };
}
