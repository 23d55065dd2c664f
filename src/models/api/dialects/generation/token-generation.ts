/** Generation by text completions of vLLM's kind, ids in and ids out. */
import type { Alternative, GeneratedCompletion, GenerateRequest, Piece, Position } from '../../../../audit/language-model.js';
import { badAnswer, readLogprob } from '../answers/bad-answer.js';
import { readTextCompletion, type TextCompletion } from '../answers/text-completion.js';
import { END_OF_TEXT_NAMES } from '../../../end-of-turn-names.js';
import type { Stops } from '../stops.js';
import { fitTokens } from '../token-bytes.js';
import { rankAlternatives, seedField, type Generation, type TokenGenerationContext } from './generation.js';
import { plainSampling } from './plain-sampling.js';

export class TokenGeneration implements Generation {
  private endOfText: Promise<number[]> | undefined;

  constructor(private readonly context: TokenGenerationContext) {}

  async generate(request: GenerateRequest, stops: Stops): Promise<GeneratedCompletion> {
    const stop = request.stop === 'endOfText' ? await this.stopAtEndOfText(stops.signal) : {};
    const fields = { max_tokens: request.maxTokens, temperature: request.temperature, logprobs: 1, ...seedField(this.context, request.seed), ...stop };
    const answer = await this.complete(
      request.prompt,
      fields,
      request.maxTokens,
      (given) => {
        const completion = readTextCompletion(given);
        readChosen(completion);
        return completion;
      },
      stops,
    );
    const chosen = readChosen(answer);
    const pieces = await this.context.tokenizer.generatedPieces(
      chosen.map(({ id }) => id),
      stops.signal,
    );
    const logprobs = chosen.map(({ logprob }) => logprob);
    const last = pieces.at(-1);
    const showsEnd = answer.ended && last !== undefined && (last.control || isEndToken(answer));
    if (!showsEnd) return { id: request.id, tokens: pieces, logprobs, end: null };
    return {
      id: request.id,
      tokens: pieces.slice(0, -1),
      logprobs: logprobs.slice(0, -1),
      end: { piece: { ...last, control: true }, logprob: logprobs.at(-1)! },
    };
  }

  async alternatives({ prompt }: Position, count: number, signal: AbortSignal): Promise<Alternative[]> {
    const logprobs = Math.max(1, Math.min(count, this.context.profile.textLogprobs ?? 1));
    const fields = { max_tokens: 1, temperature: 0, logprobs, return_tokens_as_token_ids: true };
    const { tokens } = await this.complete(prompt, fields, 1, readTextCompletion, { signal });
    const named = (tokens[0]?.alternatives ?? []).filter(({ id }) => id !== null);
    if (named.length === 0) throw badAnswer('The completion names no alternatives');
    const pieces = await this.context.tokenizer.generatedPieces(
      named.map(({ id }) => id!),
      signal,
    );
    return rankAlternatives(
      pieces.map((piece, k) => ({ piece, logprob: readLogprob(named[k]!.logprob, `alternative ${k + 1}`) })),
      count,
    );
  }

  private complete(
    prompt: readonly number[],
    fields: object,
    maxTokens: number,
    read: (answer: unknown) => TextCompletion,
    stops: Stops,
  ): Promise<TextCompletion> {
    const { model, profile, desk } = this.context;
    const idFields = profile.generatedIds === 'tokensAsIds' ? { return_tokens_as_token_ids: true } : { return_token_ids: true };
    const body = { model, prompt, ...plainSampling(profile, 'text'), ...idFields, ...fields };
    return desk.spend({ path: '/completions', body, kind: 'generate', promptTokens: prompt.length, maxTokens, read }, stops);
  }

  /** The end of a turn ends no document: only tokens with the names of an end of text do. */
  private async stopAtEndOfText(signal: AbortSignal): Promise<object> {
    this.endOfText ??= this.findEndOfText(signal).catch((error: unknown) => {
      this.endOfText = undefined;
      throw error;
    });
    const ids = await this.endOfText;
    return ids.length === 0 || this.context.profile.server.kind !== 'vllm' ? {} : { ignore_eos: true, stop_token_ids: ids };
  }

  private async findEndOfText(signal: AbortSignal): Promise<number[]> {
    const cuts = await Promise.all(END_OF_TEXT_NAMES.map((name) => this.context.tokenizer.tokenize(name, true, signal)));
    return cuts.flatMap((pieces: readonly Piece[]) => (pieces.length === 1 && pieces[0]!.control ? [pieces[0]!.id] : []));
  }
}

interface Chosen {
  readonly id: number;
  readonly logprob: number;
}

/** Ids with logprobs. The token that ended the completion may be among the ids alone: it is left out then. */
function readChosen({ ids, tokens, ended, text, usage }: TextCompletion): Chosen[] {
  if (tokens.length === 0 && text !== '') throw badAnswer('The completion has no logprobs');
  const named = ids ?? tokens.map(({ id }) => id);
  const hidesEnd = ended && named.length === tokens.length + 1;
  const shown = hidesEnd ? named.slice(0, -1) : named;
  if (shown.length !== tokens.length) throw badAnswer(`The completion has ${tokens.length} logprobs and ${named.length} token ids`);
  // With the end hidden, another token might be missing in its place.
  if (hidesEnd) fitTokens(tokens, text);
  if (ids === null && usage.completion > 0 && tokens.length !== usage.completion) {
    throw badAnswer(`The completion has ${tokens.length} logprobs of ${usage.completion} tokens`);
  }
  return tokens.map(({ logprob }, k) => {
    const id = shown[k];
    if (id === null || id === undefined) throw badAnswer(`Token ${k + 1} of the completion has no id`);
    return { id, logprob: readLogprob(logprob, `token ${k + 1} of the completion`) };
  });
}

/** The last token is not in the text, so that it has ended it, whatever its name looks like. */
function isEndToken({ tokens, text }: TextCompletion): boolean {
  const last = tokens.at(-1)?.text;
  return last === '' || (last != null && !text.endsWith(last));
}
