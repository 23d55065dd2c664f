/** Why a text ends, by the reason that a server gives. */
import { badAnswer } from './bad-answer.js';

/** The model ended by itself, or a stop token did; OpenAI's word, and those of other servers. */
const ENDED: ReadonlySet<string> = new Set(['stop', 'eos', 'eos_token', 'stop_sequence', 'end_turn']);
/** As long as was asked for. */
const CUT: ReadonlySet<string> = new Set(['length', 'max_tokens']);

/**
 * Whether the model ended by itself.
 * @throws EndpointError `badAnswer` for a text that is not whole: aborted, failed, withheld
 */
export function readEnding(reason: string | null | undefined): boolean {
  if (reason === null || reason === undefined || reason === '' || CUT.has(reason)) return false;
  if (ENDED.has(reason)) return true;
  if (reason === 'content_filter') throw badAnswer("The server's content filter withheld the answer");
  throw badAnswer(`The server broke off its answer: “${reason.slice(0, 200)}”`);
}
