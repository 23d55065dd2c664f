/** Confirmations in a report: what plain F said to amplified completions. */
import { judgeConfirmation } from '../../analysis/confirmed.js';
import { analyseCompletion } from '../../analysis/analyse.js';
import { AMPLIFIED, nameRungPass } from '../../audit/amplify-plan.js';
import { completionTextOf, prefillTextOf, type MeasuredRecord } from '../../audit/completion.js';
import type { Framing } from '../../audit/framing.js';
import { recordsOf } from '../../audit/passes.js';
import type { ReadAudit } from '../journal/audit-folder.js';

type Confirmed = Pick<ReadAudit, 'passes' | 'amplification' | 'confirmations'>;

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

/** Those of one pass, in the order of its completions; of the chosen rungs where it is `amplified`. */
export function listConfirmations(audit: Confirmed, pass: string): ReportedConfirmation[] {
  const chosen = new Map(
    audit.amplification.flatMap(({ framing, chosen: strength }) => (strength === null ? [] : [[framing, nameRungPass(strength)] as const])),
  );
  return [...audit.confirmations].flatMap(([name, ownConfirmations]) =>
    recordsOf(audit, name).flatMap((record): ReportedConfirmation[] => {
      const confirmation = ownConfirmations.get(record.id);
      if (!confirmation || record.kind !== 'measured' || (name !== pass && (pass !== AMPLIFIED || chosen.get(record.framing) !== name))) return [];
      const { continuation, question, answer } = confirmation;
      const given = prefillTextOf(continuation);
      return [
        {
          id: record.id,
          framing: record.framing,
          pass: name,
          ...judgeConfirmation(record, confirmation),
          given,
          continuation: reportSaying(continuation),
          question,
          answer: reportSaying(answer),
        },
      ];
    }),
  );
}

function reportSaying(record: MeasuredRecord): ReportedSaying {
  const { perplexityFinetuned, perplexityReference, scores } = analyseCompletion(record);
  return { text: completionTextOf(record), perplexityFinetuned, perplexityReference, standardizedGap: scores.standardizedGap };
}
