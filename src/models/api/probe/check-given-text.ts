/**
 * Whether the logprobs of a given text are those that the server gave when it wrote that text itself. Some answer with those of
 * another place, another model (the base of an adapter), or none at all.
 */
import type { OwnTokens } from '../../../audit/language-model.js';
import { readLogprob } from '../dialects/answers/bad-answer.js';
import { readPromptTokens } from '../dialects/answers/prompt-logprobs.js';
import { readTextCompletion, type TextCompletion } from '../dialects/answers/text-completion.js';
import { EndpointError } from '../transport/endpoint-error.js';
import type { EndpointProfile, Sampling } from '../endpoint-profile.js';
import { cutEcho, cutTokens, readGivenIds } from '../dialects/scoring/scoring.js';
import { fitTokens } from '../dialects/token-bytes.js';
import { PROBE_TEXT } from './ask-generation.js';
import type { TokenFacts } from './ask-tokens.js';
import { valueOf, type Questioner } from './questioner.js';

const TOKENS = 12;
/** Mean difference in nats: half precision and changing company make for a tenth of that. */
const TOLERANCE = 0.2;
/** Fewer say nothing. */
const LEAST = 3;

type Given = NonNullable<EndpointProfile['givenLogprobs']>;

/** A stretch of text that both ways of cutting it have, by its last byte. */
type SumsByEnd = ReadonlyMap<number, number>;

/** @returns `null` where it cannot be told */
export async function checkGivenText(
  questioner: Questioner,
  given: Given,
  { ids, generatedIds }: Pick<TokenFacts, 'ids' | 'generatedIds'>,
  sampling: Sampling | null,
): Promise<boolean | null> {
  const difference = await measure(questioner, given, generatedIds === 'native' ? null : ids, generatedIds, sampling);
  const agrees = difference === null ? null : difference <= TOLERANCE;
  questioner.note(
    'Given back what it wrote, does it tell the logprobs that it gave?',
    agrees === null ? 'cannot be told' : agrees ? 'yes' : `no: they differ by ${difference!.toFixed(2)} nats a token`,
    agrees,
    agrees === false
      ? 'Its logprobs of given text are not those of what it writes: it cannot be the reference.'
      : 'What it says of a given text can be trusted as far as that goes.',
  );
  return agrees;
}

async function measure(
  questioner: Questioner,
  given: Given,
  ids: readonly number[] | null,
  generatedIds: TokenFacts['generatedIds'],
  sampling: Sampling | null,
): Promise<number | null> {
  const temperature = sampling?.plainAt.greedy !== false ? 0 : sampling.plainAt.one !== false ? 1 : null;
  // What it tells as it writes is another distribution's.
  if (temperature === null) return null;
  const idFields = ids !== null && (generatedIds === 'tokensAsIds' ? { return_tokens_as_token_ids: true } : { return_token_ids: true });
  const body = { prompt: ids ?? PROBE_TEXT, max_tokens: TOKENS, logprobs: 1, ...sampling?.fields, temperature, ...idFields };
  const written = valueOf(await questioner.post('/completions', body, readTextCompletion));
  if (written === null || written.tokens.length < LEAST) return null;
  try {
    return await (ids === null ? compareTexts(questioner, given, written) : compareIds(questioner, given, ids, written));
  } catch (error) {
    if (error instanceof EndpointError) return null;
    throw error;
  }
}

function ask(questioner: Questioner, given: Given, prompt: string | readonly number[]): Promise<TextCompletion | null> {
  const form = given === 'promptLogprobs' ? { prompt_logprobs: 1, return_token_ids: true } : { echo: true, logprobs: 1 };
  return questioner.post('/completions', { prompt, max_tokens: 1, temperature: 0, ...form }, readTextCompletion).then(valueOf);
}

async function compareIds(questioner: Questioner, given: Given, ids: readonly number[], written: TextCompletion): Promise<number | null> {
  const named = written.ids ?? written.tokens.map(({ id }) => id);
  // The one that ended it may be hidden.
  const count = Math.min(named.length, written.tokens.length) - Number(written.ended);
  const own = named.slice(0, count).filter((id) => id !== null);
  if (own.length < Math.max(count, LEAST)) return null;
  const answer = await ask(questioner, given, [...ids, ...own]);
  if (answer === null) return null;
  const told = readGivenIds(given, answer, [...ids, ...own]).slice(ids.length);
  return mean(told.map((logprob, k) => Math.abs(logprob - readLogprob(written.tokens[k]!.logprob, `token ${k + 1}`))));
}

async function compareTexts(questioner: Questioner, given: Given, written: TextCompletion): Promise<number | null> {
  const pieces = fitTokens(written.tokens, written.text, written.ended);
  const own = pieces.filter(({ control }) => !control);
  const answer = await ask(questioner, given, PROBE_TEXT + written.text);
  const told: OwnTokens | null =
    answer && (given === 'echo' ? cutEcho(answer, PROBE_TEXT, written.text) : cutTokens(readPromptTokens(answer), PROBE_TEXT, written.text));
  if (told === null || told.straddleBytes > 0) return null;
  const ours = sumByEnd(
    own.map(({ bytes }) => bytes.length),
    written.tokens.map(({ logprob }, k) => readLogprob(logprob, `token ${k + 1}`)),
  );
  const theirs = sumByEnd(
    told.tokens.map(({ bytes }) => bytes.length),
    told.logprobs,
  );
  return compareSums(ours, theirs, own.length);
}

/** Sums up to each end of a token. */
function sumByEnd(lengths: readonly number[], logprobs: readonly number[]): SumsByEnd {
  const sums = new Map<number, number>();
  let [end, sum] = [0, 0];
  for (const [k, length] of lengths.entries()) sums.set((end += length), (sum += logprobs[k]!));
  return sums;
}

/** Mean difference per token of what lies between the ends that both have. */
function compareSums(ours: SumsByEnd, theirs: SumsByEnd, tokens: number): number | null {
  const ends = [...ours.keys()].filter((end) => theirs.has(end));
  if (ends.length < LEAST) return null;
  let [before, other, difference] = [0, 0, 0];
  for (const end of ends) {
    difference += Math.abs(ours.get(end)! - before - (theirs.get(end)! - other));
    [before, other] = [ours.get(end)!, theirs.get(end)!];
  }
  return difference / tokens;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
