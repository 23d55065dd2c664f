/** Token ids: a tokenizer that can be asked, prompts made of ids, ids of what is generated. */
import type { Piece } from '../../../audit/language-model.js';
import { readLlamaCompletion, readLlamaTokens } from '../dialects/answers/llama-answers.js';
import { readTextCompletion, type TextCompletion } from '../dialects/answers/text-completion.js';
import { readVllmTokens } from '../dialects/answers/vllm-answers.js';
import type { EndpointProfile } from '../endpoint-profile.js';
import { PROBE_TEXT } from './ask-generation.js';
import type { ServerFacts } from './ask-identity.js';
import { valueOf, type Questioner } from './questioner.js';

export interface TokenFacts extends Pick<EndpointProfile, 'tokenizer' | 'tokenPrompts' | 'generatedIds'> {
  readonly contextLength: number | null;
  /** Of the probe's text, BOS included. */
  readonly ids: readonly number[] | null;
}

const TOKENS = 4;
/** Ids and text of the same prompt give the same logprob, up to how the server's arithmetic depends on company. */
const TOLERANCE = 0.05;

export async function askTokens(questioner: Questioner, facts: ServerFacts, text: TextCompletion | null): Promise<TokenFacts> {
  const none: TokenFacts = { tokenizer: null, tokenPrompts: false, generatedIds: null, contextLength: null, ids: null };
  const found = facts.kind === 'llama.cpp' ? await askLlama(questioner, text) : await askVllm(questioner, text);
  const result = found ?? none;
  questioner.note(
    'Can its tokenizer be asked?',
    result.tokenizer === null ? 'no' : `yes, as ${result.tokenizer === 'vllm' ? "vLLM's" : "llama.cpp's"}`,
    result.tokenizer !== null,
    result.tokenizer === null ? 'Prefills are counted in pieces of words.' : 'Prefills are counted in its own tokens.',
  );
  questioner.note(
    'Does it take and return token ids?',
    result.tokenPrompts ? (result.generatedIds === null ? 'takes them only' : 'yes') : 'no',
    result.tokenPrompts && result.generatedIds !== null,
    result.tokenPrompts && result.generatedIds !== null
      ? 'The prompt is exact, and a reference with the same tokenizer is given exactly the same tokens.'
      : 'Texts are sent; their bytes say which tokens correspond.',
  );
  return result;
}

async function askLlama(questioner: Questioner, text: TextCompletion | null): Promise<TokenFacts | null> {
  const cut = valueOf(
    await questioner.post({ fromRoot: '/tokenize' }, { content: PROBE_TEXT, add_special: true, parse_special: true, with_pieces: true }, readLlamaTokens),
  );
  if (cut === null || cut.length === 0) return null;
  const ids = cut.map(({ id }: Omit<Piece, 'control'>) => id);
  const reply = await questioner.post(
    { fromRoot: '/completion' },
    { prompt: ids, n_predict: TOKENS, temperature: 0, n_probs: 1, return_tokens: true, cache_prompt: false },
    readLlamaCompletion,
  );
  const answer = valueOf(reply);
  const works = answer !== null && text !== null && answer.ids.length > 0 && isSameBeginning(answer, text);
  return { tokenizer: 'llama.cpp', tokenPrompts: works, generatedIds: works ? 'native' : null, contextLength: null, ids };
}

async function askVllm(questioner: Questioner, text: TextCompletion | null): Promise<TokenFacts | null> {
  const cut = valueOf(await questioner.post({ fromRoot: '/tokenize' }, { prompt: PROBE_TEXT }, readVllmTokens));
  if (cut === null || cut.ids.length === 0) return null;
  const none: TokenFacts = { tokenizer: 'vllm', tokenPrompts: false, generatedIds: null, contextLength: cut.contextLength, ids: cut.ids };
  if (text === null) return none;
  const ask = async (fields: object): Promise<TextCompletion | null> =>
    valueOf(await questioner.post('/completions', { prompt: cut.ids, max_tokens: TOKENS, temperature: 0, logprobs: 1, ...fields }, readTextCompletion));
  const answer = await ask({ return_token_ids: true });
  if (answer?.ids) return { ...none, tokenPrompts: isSameBeginning(answer, text), generatedIds: 'tokenIds' };
  const named = await ask({ return_tokens_as_token_ids: true });
  if (named === null) return none;
  const tellsIds = named.tokens.length > 0 && named.tokens.every(({ id }) => id !== null);
  return { ...none, tokenPrompts: isSameBeginning(named, text), generatedIds: tellsIds ? 'tokensAsIds' : null };
}

function isSameBeginning(byIds: Pick<TextCompletion, 'text' | 'tokens'>, byText: TextCompletion): boolean {
  const [a, b] = [byIds.tokens[0]?.logprob, byText.tokens[0]?.logprob];
  if (a != null && b != null && Math.abs(a - b) > TOLERANCE) return false;
  return byIds.text === byText.text || a != null;
}
