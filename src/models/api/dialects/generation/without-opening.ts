/** Answers of servers that repeat what the assistant's turn was opened with. */
import { badAnswer } from '../answers/bad-answer.js';
import type { GeneratedAnswer } from '../answers/generated-answer.js';
import { fitTokens, tryToFitTokens } from '../token-bytes.js';

/**
 * What was generated, without the opening. Whether a server repeats it was found out before, since a model may well begin with
 * the same words again. Where the tokens are those of the opening too, they are cut off where it ends.
 * @throws EndpointError `badAnswer` where more tokens are told than the server counts, or one belongs to both
 */
export function withoutOpening(answer: GeneratedAnswer, opened: string, repeats: boolean): GeneratedAnswer {
  const { text, tokens, ended, usage } = answer;
  if (opened === '' || !text.startsWith(opened)) return answer;
  if (!repeats) {
    // One more may be the token that ended it.
    if (usage.completion === 0 || tokens.length <= usage.completion + 1) return answer;
    throw badAnswer(`The answer has ${tokens.length} logprobs of ${usage.completion} tokens, since it repeats what the turn was opened with`);
  }
  const own = text.slice(opened.length);
  if (tokens.length === 0 || tryToFitTokens(tokens, own, ended) !== null) return { ...answer, text: own };
  const fitted = fitTokens(tokens, text, ended);
  let left = Buffer.byteLength(opened);
  let first = 0;
  for (; left > 0 && first < fitted.length; first++) left -= fitted[first]!.control ? 0 : fitted[first]!.bytes.length;
  if (left !== 0) throw badAnswer('The answer repeats what the turn was opened with, and a token of it belongs to both');
  return { ...answer, text: own, tokens: tokens.slice(first) };
}
