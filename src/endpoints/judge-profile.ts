/** Judges by a server's test what it can be in an audit. Pure: reasons are put into words where they are shown. */
import { FRAMINGS, type Framing } from '../audit/framing.js';
import { knowsTokenIds, type EndpointProfile } from '../models/api/endpoint-profile.js';
import { possibleFramings } from '../models/api/possible-framings.js';

export type FinetunedFault = 'noCompletions' | 'noLogprobs';
/** `contradictsItself`: it tells logprobs of given text, but not those that it gave when it wrote that text. */
export type ReferenceFault = 'noGivenLogprobs' | 'contradictsItself';
export type FramingFault = 'noTextLogprobs' | 'noChatTemplate' | 'noChatLogprobs' | 'noContinuation' | 'noTokenIds';

/** `null` stands for what is possible. */
export interface ProfileJudgement {
  readonly finetuned: FinetunedFault | null;
  readonly reference: ReferenceFault | null;
  readonly framings: Readonly<Record<Framing, FramingFault | null>>;
}

export function judgeProfile(profile: EndpointProfile): ProfileJudgement {
  const { textCompletions, chatCompletions } = profile;
  const possible = possibleFramings(profile);
  const framings = Object.fromEntries(FRAMINGS.map((framing) => [framing, possible.includes(framing) ? null : findFault(profile, framing)]));
  const whyNot: FinetunedFault = textCompletions || chatCompletions ? 'noLogprobs' : 'noCompletions';
  return {
    finetuned: possible.length > 0 ? null : whyNot,
    reference: findReferenceFault(profile),
    framings: framings as ProfileJudgement['framings'],
  };
}

function findReferenceFault({ textCompletions, givenLogprobs, givenContradicts }: EndpointProfile): ReferenceFault | null {
  if (givenContradicts === true) return 'contradictsItself';
  return givenLogprobs !== null && textCompletions ? null : 'noGivenLogprobs';
}

function findFault(profile: EndpointProfile, framing: Framing): FramingFault {
  const { chatTemplate, chatLogprobs } = profile;
  if (framing === 'raw') return 'noTextLogprobs';
  if (!chatTemplate) return 'noChatTemplate';
  if (framing === 'dialogue') return knowsTokenIds(profile) ? 'noTextLogprobs' : 'noTokenIds';
  return framing === 'chat' && chatLogprobs !== null ? 'noContinuation' : 'noChatLogprobs';
}
