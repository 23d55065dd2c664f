/** What an audit with a server can be, by what its test has shown. Pure: the reasons are put into words where they are shown. */
import { FRAMINGS, type Framing } from '../audit/framing.js';
import type { EndpointProfile } from '../models/api/endpoint-profile.js';
import { possibleFramings } from '../models/api/possible-framings.js';

export type FinetunedFault = 'noCompletions' | 'noLogprobs';
export type ReferenceFault = 'noGivenLogprobs';
export type FramingFault = 'noTextLogprobs' | 'noChatTemplate' | 'noChatLogprobs' | 'noContinuation';

/** `null` stands for what is possible. */
export interface Judgement {
  readonly finetuned: FinetunedFault | null;
  readonly reference: ReferenceFault | null;
  readonly framings: Readonly<Record<Framing, FramingFault | null>>;
}

export function judgeProfile(profile: EndpointProfile): Judgement {
  const { textCompletions, chatCompletions, givenLogprobs } = profile;
  const possible = possibleFramings(profile);
  const framings = Object.fromEntries(FRAMINGS.map((framing) => [framing, possible.includes(framing) ? null : findFault(profile, framing)]));
  const whyNot: FinetunedFault = textCompletions || chatCompletions ? 'noLogprobs' : 'noCompletions';
  return {
    finetuned: possible.length > 0 ? null : whyNot,
    reference: givenLogprobs !== null && textCompletions ? null : 'noGivenLogprobs',
    framings: framings as Judgement['framings'],
  };
}

function findFault({ chatTemplate, chatLogprobs }: EndpointProfile, framing: Framing): FramingFault {
  if (framing === 'raw') return 'noTextLogprobs';
  if (!chatTemplate) return 'noChatTemplate';
  return framing === 'chat' && chatLogprobs !== null ? 'noContinuation' : 'noChatLogprobs';
}
