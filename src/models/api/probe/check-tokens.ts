/** Known answers about what is generated: the tokens are the text, their logprobs are logarithms of probabilities. */
import type { GeneratedAnswer } from '../dialects/answers/generated-answer.js';
import { readLogprob } from '../dialects/answers/bad-answer.js';
import { EndpointError } from '../transport/endpoint-error.js';
import { findSpelling, fitTokens } from '../dialects/token-bytes.js';
import type { Spelling } from '../dialects/tokenizer/spelled-bytes.js';
import type { Asked } from './ask-generation.js';
import type { Questioner } from './questioner.js';

export interface CheckedTokens {
  /** As before, `null` where they cannot be used. */
  readonly logprobs: number | null;
  readonly spelling: Spelling | null;
}

/** @param byIds tokens are told by their ids, whatever their names are */
export function checkTokens(questioner: Questioner, what: 'texts' | 'turns', { answer, logprobs }: Asked<GeneratedAnswer>, byIds: boolean): CheckedTokens {
  if (answer === null || logprobs === null) return { logprobs: null, spelling: null };
  const { tokens, text, ended } = answer;
  const fault = findFault(answer, byIds);
  const spelling = byIds || fault !== null ? null : findSpelling(tokens, text, ended);
  questioner.note(
    `Are its tokens the text, and their logprobs logprobs (${what})?`,
    fault !== null ? `no (${fault})` : spelling === null ? 'yes' : 'yes, as its vocabulary spells them',
    fault === null,
    fault !== null ? 'Nothing can be measured by them.' : 'Checked on a short answer.',
  );
  return { logprobs: fault === null ? logprobs : null, spelling };
}

function findFault({ tokens, text, ended }: GeneratedAnswer, byIds: boolean): string | null {
  try {
    tokens.forEach(({ logprob }, k) => readLogprob(logprob, `token ${k + 1}`));
    if (!byIds) fitTokens(tokens, text, ended);
    return null;
  } catch (error) {
    if (error instanceof EndpointError) return error.message;
    throw error;
  }
}
