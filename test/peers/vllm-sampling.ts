/** What completions and chat of the vLLM peer have in common. */
import type { DialectOptions } from './dialect-options.js';
import { Refusal, type Fields } from './http-answers.js';
import { alternativesWith } from './logprob-forms.js';
import { NEUTRAL_SAMPLING, readBoolean, readIds, readInteger, readNumber, readSeed, refuseUnsupported } from './request-fields.js';
import type { Generated, GenerateOptions, Place, ServedModel } from './served-model.js';
import { Speller, type Spelling } from './token-texts.js';

const NEUTRAL: Readonly<Record<string, readonly unknown[]>> = {
  ...NEUTRAL_SAMPLING,
  use_beam_search: [false],
  top_k: [0, -1],
  min_p: [0],
  repetition_penalty: [1],
  min_tokens: [0],
  include_stop_str_in_output: [false],
  spaces_between_special_tokens: [true],
  truncate_prompt_tokens: [],
  allowed_token_ids: [],
  bad_words: [],
  logprob_token_ids: [],
  structured_outputs: [],
  prompt_embeds: [],
  suffix: [],
};

export function spellingOf({ quirks }: DialectOptions): Spelling {
  return quirks.has('brokenText') ? 'replaced' : 'inContext';
}

/** @throws Refusal for settings that this peer does not have. */
export function readSampling(body: Fields, maxTokens: number, alternatives: number, { quirks }: DialectOptions): GenerateOptions {
  refuseUnsupported(body, NEUTRAL);
  if (quirks.has('noSeed') && body['seed'] != null) throw new Refusal(400, '`seed` is not supported.', { param: 'seed' });
  const temperature = readNumber(body, 'temperature', { min: 0 }) ?? 1;
  return {
    maxTokens,
    temperature,
    tempered: quirks.has(temperature === 0 ? 'oneHot' : 'tempered'),
    seed: readSeed(body),
    ignoreEnds: readBoolean(body, 'ignore_eos', false),
    stopIds: readIds(body['stop_token_ids'] ?? [], 'stop_token_ids'),
    alternatives,
  };
}

/** @returns `undefined` where none are asked for; −1 asks for the whole vocabulary. */
export function readLogprobCount(
  body: Fields,
  field: string,
  kind: 'sample' | 'prompt',
  model: ServedModel,
  { maxLogprobs }: DialectOptions,
): number | undefined {
  const asked = readInteger(body, field, { min: -1 });
  const count = asked === -1 ? model.facts.vocabulary.length : asked;
  if (count !== undefined && count > maxLogprobs) {
    throw new Refusal(400, `Requested ${kind} logprobs of ${count}, which is greater than max allowed: ${maxLogprobs}`, { param: field });
  }
  return count;
}

export function refuseTooLong(model: ServedModel, promptTokens: number, maxTokens: number): void {
  const { contextTokens } = model.facts;
  if (promptTokens + maxTokens <= contextTokens) return;
  throw new Refusal(
    400,
    `This model's maximum context length is ${contextTokens} tokens. However, you requested ${maxTokens} output tokens and your prompt has` +
      ` ${promptTokens} input tokens. Please reduce one of them.`,
    { param: 'input_tokens' },
  );
}

/** One object per position, from ids to logprobs; nothing for the first token. */
export function formPromptLogprobs(places: readonly Place[], count: number, spelling: Spelling) {
  const speller = new Speller(spelling);
  return places.map(({ piece, logprob, rank, top }) => {
    const formed = alternativesWith(piece, logprob, top, count).map((other, i) => {
      const place = top.indexOf(top.find((candidate) => candidate.piece.id === other.piece.id)!) + 1;
      const otherRank = i === 0 ? rank : place;
      return [other.piece.id, { logprob: other.logprob, rank: otherRank, decoded_token: speller.instead(other.piece) }] as const;
    });
    speller.next(piece);
    return logprob === null ? null : Object.fromEntries(formed);
  });
}

/** The text of a completion's tokens leaves out the one that ended it. */
export function textPlaces({ places, end }: Generated): readonly Place[] {
  return end === null ? places : places.slice(0, -1);
}

/** @returns the id of a token other than the model's own end that ended it. */
export function stopReason(model: ServedModel, { end }: Generated): number | null {
  return end === null || end === model.facts.endId ? null : end;
}

export function usageOf(promptTokens: number, completionTokens: number, { quirks }: DialectOptions) {
  if (quirks.has('noUsage')) return {};
  return {
    usage: { prompt_tokens: promptTokens, total_tokens: promptTokens + completionTokens, completion_tokens: completionTokens, prompt_tokens_details: null },
  };
}

export function showAsId(body: Fields): boolean {
  return readBoolean(body, 'return_tokens_as_token_ids', false);
}
