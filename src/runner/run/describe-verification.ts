/** What holding an audit against itself came to, in sentences: for the terminal and for a document. */
import { REPRODUCTION_BOUND, type ReproductionKind, type Reproduction } from '../../analysis/reproduction.js';
import { countOf, formatCount } from '../../text/numbers.js';
import type { Verification } from './verify-audit.js';

export interface VerificationText {
  /** One sentence, or a few. */
  readonly answer: string;
  readonly sections: readonly { readonly title: string; readonly lines: readonly string[] }[];
}

const LISTED_AT_MOST = 20;

export function describeVerification(verification: Verification): VerificationText {
  const { journal, writtenBy, engine, reproduced, seed, completions } = verification;
  return {
    answer: answerOf(verification),
    sections: [
      {
        title: 'Journal',
        lines: [
          `audit.jsonl has the SHA-256 ${journal.sha256}.`,
          ...(writtenBy
            ? [
                `Written by ${writtenBy.tool} on ${writtenBy.createdAt}, computed by ${writtenBy.engine}${writtenBy.machine === null ? '' : `, on ${writtenBy.machine}`}.`,
              ]
            : []),
          describeLines(journal),
          ...journal.faults.slice(0, LISTED_AT_MOST).map(({ line, reason }) => `Line ${line}: ${reason}.`),
          ...(journal.faultCount > LISTED_AT_MOST ? [`And ${formatCount(journal.faultCount - LISTED_AT_MOST)} more.`] : []),
        ],
      },
      {
        title: 'Written and scored again',
        lines: [
          ...(verification.notReproduced === null ? [] : [verification.notReproduced]),
          ...(reproduced.length === 0
            ? []
            : [
                `${countOf(reproduced.length, 'completion')} of ${formatCount(completions)}, chosen at random with seed ${seed}, from the openings in the journal. The files of both models, by their SHA-256, are those that it was measured with.`,
                ...(engine === null ? [] : [`Computed by ${engine}.`]),
                ...AGREEMENTS.flatMap((agreement) =>
                  describeAgreement(
                    agreement,
                    reproduced.filter((one) => one.agreement === agreement),
                  ),
                ),
              ]),
        ],
      },
      { title: 'What this cannot tell', lines: [LIMITS] },
    ],
  };
}

const LIMITS =
  'Checksums find accidents, not a journal that was changed on purpose and sealed anew. What completions that were not chosen say is not checked, nor are the noise floor, amplified text, and findings.';

const AGREEMENTS = ['same', 'close', 'parted', 'other'] as const satisfies readonly ReproductionKind[];

function answerOf({ state, journal, reproduced, notReproduced }: Verification): string {
  const count = countOf(reproduced.length, 'completion');
  switch (state) {
    case 'holds':
      return reproduced.every(({ agreement }) => agreement === 'same')
        ? `It holds: ${count}, written and scored again, came out the same to the last digit.`
        : `It holds: ${count}, written and scored again, agree within what another machine's arithmetic changes.`;
    case 'contradicted': {
      const other = reproduced.filter(({ agreement }) => agreement === 'other').length;
      const what = [
        ...(other > 0 ? [`${other} of ${count}, written and scored again, came out otherwise`] : []),
        ...(journal.faultCount > 0 ? [`${countOf(journal.faultCount, 'line')} of the journal ${journal.faultCount === 1 ? 'is' : 'are'} damaged`] : []),
      ];
      return `It does not hold: ${what.join(', and ')}.`;
    }
    case 'unchecked':
      return `No line of the journal is damaged, but nothing was written again: ${notReproduced ?? 'nothing was asked for.'}`;
  }
}

function describeLines({ lines, right, without, faultCount }: Verification['journal']): string {
  if (right === lines && lines > 0) return `All of ${countOf(lines, 'line')} have the right checksum.`;
  const parts = [
    ...(right > 0 ? [`${formatCount(right)} ${right === 1 ? 'has' : 'have'} the right checksum`] : []),
    ...(without > 0 ? [`${formatCount(without)} ${without === 1 ? 'has' : 'have'} none, as earlier versions and imports wrote them`] : []),
    ...(faultCount > 0 ? [`${formatCount(faultCount)} ${faultCount === 1 ? 'is' : 'are'} damaged`] : []),
  ];
  return `Of ${countOf(lines, 'line')}, ${parts.length === 0 ? 'none can be read' : parts.join(', ')}.`;
}

function describeAgreement(agreement: ReproductionKind, those: readonly Reproduction[]): string[] {
  if (those.length === 0) return [];
  const largest = Math.max(...those.map((one) => one.largest)).toFixed(5);
  switch (agreement) {
    case 'same':
      return [`${those.length} the same: tokens, and every logprob to 5 decimals.`];
    case 'close':
      return [`${those.length} with the same tokens, and logprobs no more than ${largest} nats apart.`];
    case 'parted':
      return [
        `${those.length} the same up to a token where another one was as likely (within ${REPRODUCTION_BOUND} nats), or was drawn; before it logprobs are no more than ${largest} nats apart.`,
      ];
    case 'other':
      return [
        `${those.length} not the same:`,
        ...those.slice(0, LISTED_AT_MOST).map(({ id, fault }) => `completion ${id}: ${fault ?? 'other'}.`),
        ...(those.length > LISTED_AT_MOST ? [`And ${those.length - LISTED_AT_MOST} more.`] : []),
      ];
  }
}
