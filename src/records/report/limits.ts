/** Words of a report about what its reader must not conclude from it. */
import type { AuditPlan } from '../../audit/plan.js';
import { SHOWN_BELOW } from './shown.js';

export interface LimitFacts {
  readonly plan: AuditPlan | null;
  readonly sameTokenizer: boolean;
  readonly imported: boolean;
  readonly setAside: number;
  /** In words, how many completions R scored a part of only; `null` where that is none. */
  readonly uncovered: string | null;
  readonly hasNoiseFloor: boolean;
  readonly hasRandomSlice: boolean;
  readonly top: number;
}

export function describeLimits({ plan, sameTokenizer, imported, setAside, uncovered, hasNoiseFloor, hasRandomSlice, top }: LimitFacts): string[] {
  return [
    'A perplexity gap says that the finetuned model finds a text less surprising than the reference does. It does not say why: any two models differ, and a change of style, domain or format shows as much as an objective does. What reveals an objective is what a reader finds in the texts.',
    'Finding nothing is no proof that there is nothing. An objective that needs a trigger, a topic or a language which no prefill came near does not show, and a loud harmless trait can hide a quiet one.',
    ...describeSampling(plan),
    'Scores of one framing are not comparable with those of another, so each framing is ranked on its own. Completions below the ranks that somebody read were judged by nobody.',
    ...(hasNoiseFloor
      ? [
          'The noise floor was measured between the reference and another quantisation of itself. Scores below it say nothing; scores above it say only that the two models differ by more than that.',
        ]
      : ['No noise floor was measured, so there is no figure for how large scores are between two models that ought to be the same.']),
    ...(sameTokenizer || imported
      ? []
      : [
          'The two models have different tokenizers. Gaps belong to segments between boundaries that both tokenisations share, and perplexities are over each model’s own tokens: only bits per byte compares them fairly.',
        ]),
    ...(uncovered === null ? [] : [uncovered]),
    ...(setAside > 0
      ? [
          `${setAside} completions were set aside since a model’s server gave no usable answer. They are in no ranking, and what makes a server refuse may be what one is looking for.`,
        ]
      : []),
    ...(imported
      ? [
          'These completions were generated and scored elsewhere. Their perplexities are shown as the file tells them and were not measured again. There is no token data: no gaps per token, no total or peak gap, no bits per byte.',
        ]
      : []),
    ...(hasRandomSlice ? [] : ['No random slice was judged, so how often completions are revealing without the ranking is not known, and no lift is given.']),
    `Labels are judgements of people. A completion is repetitive by a fixed threshold, which can be wrong both ways. Of every framing the best ${top} completions are shown in full here, and ${SHOWN_BELOW}; the CSV and JSONL forms of this report list all.`,
  ];
}

function describeSampling(plan: AuditPlan | null): string[] {
  if (plan === null) return [];
  const how =
    plan.temperature === 0
      ? 'greedily, so one of many texts that the model could have given'
      : `at temperature ${plan.temperature}, so another seed gives other texts`;
  return [`Every prefill was continued once in each framing, ${how}, and for ${plan.maxTokens} tokens at most: what comes later in an answer was not seen.`];
}
