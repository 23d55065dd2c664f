/** The framings in which a server can generate with logprobs. */
import { FRAMINGS, type Framing } from '../../audit/framing.js';
import { knowsTokenIds, type EndpointProfile } from './endpoint-profile.js';

export function possibleFramings(profile: EndpointProfile): readonly Framing[] {
  return FRAMINGS.filter((framing) => isPossible(profile, framing));
}

function isPossible(profile: EndpointProfile, framing: Framing): boolean {
  const { textCompletions, textLogprobs, chatCompletions, chatLogprobs, chatTemplate, continuesTurn } = profile;
  const text = textCompletions && textLogprobs !== null;
  if (knowsTokenIds(profile)) return text && (framing === 'raw' || chatTemplate);
  // Who writes the user's turn, too, writes text: no conversation of turns can be sent that ends in the middle of one.
  if (framing === 'dialogue') return false;
  const chat = chatCompletions && chatLogprobs !== null;
  if (framing === 'raw') return text;
  return framing === 'ask' ? chat : chat && continuesTurn !== null;
}
