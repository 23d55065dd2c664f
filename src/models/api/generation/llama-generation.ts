/**
 * Generation by llama.cpp's own `/completion`, ids in and ids out.
 *
 * It gives no logprobs of a token that leaves a character unfinished, and ends at the end of a turn whatever it is told. The
 * logprob that is missing is asked for by itself, and a raw text is gone on with behind the end of a turn.
 */
import type { Alternative, GeneratedCompletion, GenerateRequest, Piece, Position } from '../../../audit/language-model.js';
import { decodeUtf8 } from '../../../audit/utf8.js';
import { badAnswer, readLogprob } from '../answers/bad-answer.js';
import { readLlamaCompletion, type LlamaCompletion } from '../answers/llama-answers.js';
import { END_OF_TURN_NAMES } from '../../end-of-turn-names.js';
import { FORCED, type LlamaTokenizer } from '../tokenizer/llama-tokenizer.js';
import { rankAlternatives, seedField, type Generation, type GenerationContext } from './generation.js';

/** Nothing but the model's own distribution at the given temperature. */
const PLAIN_SAMPLING = {
  top_k: 0,
  top_p: 1,
  min_p: 0,
  typical_p: 1,
  repeat_penalty: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
  dry_multiplier: 0,
  xtc_probability: 0,
  mirostat: 0,
  // Reusing an earlier request's computation changes the last digits, and prompts are short.
  cache_prompt: false,
  return_tokens: true,
} as const;

/** Where a missing logprob is looked for first; sampled tokens may be less likely than that. */
const ALTERNATIVES_FOR_MISSING = 64;

interface Chosen {
  readonly piece: Piece;
  readonly logprob: number;
}

export class LlamaGeneration implements Generation {
  constructor(
    private readonly context: GenerationContext,
    private readonly tokenizer: LlamaTokenizer,
  ) {}

  async generate(request: GenerateRequest, signal: AbortSignal): Promise<GeneratedCompletion> {
    const chosen: Chosen[] = [];
    let end: Chosen | null = null;
    while (chosen.length < request.maxTokens && end === null) {
      const { tokens, ended } = await this.goOn(request, chosen, signal);
      chosen.push(...tokens.slice(0, request.maxTokens - chosen.length));
      if (!ended) break;
      const last = tokens.at(-1);
      if (last === undefined || chosen.at(-1) !== last) break;
      if (request.stop !== 'endOfText' || this.endsText(last.piece)) end = chosen.pop()!;
    }
    return { id: request.id, tokens: chosen.map(({ piece }) => piece), logprobs: chosen.map(({ logprob }) => logprob), end };
  }

  async alternatives({ prompt }: Position, count: number, signal: AbortSignal): Promise<Alternative[]> {
    return rankAlternatives(await this.distribution(prompt, count, signal), count);
  }

  /** A model may have one token for both ends. */
  private endsText({ bytes }: Piece): boolean {
    const name = decodeUtf8(bytes);
    return name === this.context.profile.endToken || !END_OF_TURN_NAMES.has(name);
  }

  private async goOn(request: GenerateRequest, chosen: readonly Chosen[], signal: AbortSignal): Promise<{ tokens: Chosen[]; ended: boolean }> {
    const { model, desk } = this.context;
    const prompt = [...request.prompt, ...chosen.map(({ piece }) => piece.id)];
    const maxTokens = request.maxTokens - chosen.length;
    const answer = await desk.spend(
      {
        path: { fromRoot: '/completion' },
        body: {
          model,
          prompt,
          n_predict: maxTokens,
          temperature: request.temperature,
          n_probs: 1,
          ...seedField(this.context, request.seed + chosen.length),
          ...PLAIN_SAMPLING,
        },
        kind: 'generate',
        promptTokens: prompt.length,
        maxTokens,
        read: readLlamaCompletion,
      },
      signal,
    );
    return { tokens: await this.complete(prompt, answer, signal), ended: answer.ended };
  }

  /** All of the answer's tokens with their logprobs, asked for where the answer has none. */
  private async complete(prompt: readonly number[], answer: LlamaCompletion, signal: AbortSignal): Promise<Chosen[]> {
    for (const { id, bytes } of answer.tokens) if (id !== null && bytes !== null) this.tokenizer.learn({ id, bytes, control: false });
    const pieces = await this.tokenizer.pieces(answer.ids, signal);
    const logprobs = alignLogprobs(pieces, answer);
    return Promise.all(
      pieces.map(async (piece, k) => ({
        piece,
        logprob: logprobs[k] ?? (await this.missingLogprob([...prompt, ...answer.ids.slice(0, k)], piece.id, signal)),
      })),
    );
  }

  private async missingLogprob(prompt: readonly number[], id: number, signal: AbortSignal): Promise<number> {
    for (const count of [ALTERNATIVES_FOR_MISSING, this.context.profile.vocabularySize ?? ALTERNATIVES_FOR_MISSING]) {
      const found = (await this.distribution(prompt, count, signal)).find(({ piece }) => piece.id === id);
      if (found) return found.logprob;
    }
    throw badAnswer(`The server does not tell the logprob of token ${id}, which is part of a character`);
  }

  /** What could come next, told on the occasion of a token that is forced: one that ends a character. */
  private async distribution(prompt: readonly number[], count: number, signal: AbortSignal): Promise<Alternative[]> {
    const { model, desk } = this.context;
    const [whole] = await this.tokenizer.tokenize('a', false, signal);
    const { tokens } = await desk.spend(
      {
        path: { fromRoot: '/completion' },
        body: { model, prompt, n_predict: 1, temperature: 0, n_probs: count, logit_bias: [[whole!.id, FORCED]], ...PLAIN_SAMPLING },
        kind: 'score',
        promptTokens: prompt.length,
        maxTokens: 1,
        read: readLlamaCompletion,
      },
      signal,
    );
    const alternatives = tokens[0]?.alternatives;
    if (!alternatives) throw badAnswer('The completion has no alternatives');
    for (const { id, bytes } of alternatives) if (id !== null && bytes !== null) this.tokenizer.learn({ id, bytes, control: false });
    const pieces = await this.tokenizer.pieces(alternatives.map(({ id }) => id!), signal);
    return pieces.map((piece, k) => ({ piece, logprob: readLogprob(alternatives[k]!.logprob, `alternative ${k + 1}`) }));
  }
}

/**
 * The given logprobs at their tokens, `undefined` at those that the server leaves out: after them the text ends inside a
 * character.
 * @throws EndpointError `badAnswer` where they do not belong together
 */
export function alignLogprobs(pieces: readonly Piece[], { tokens }: Pick<LlamaCompletion, 'tokens'>): (number | undefined)[] {
  let next = 0;
  let text: number[] = [];
  const logprobs = pieces.map((piece, k) => {
    if (!piece.control) text = [...text, ...piece.bytes].slice(-4);
    if (endsInsideCharacter(text)) return undefined;
    const token = tokens[next++];
    if (token === undefined || token.id !== piece.id) throw badAnswer(`Token ${k + 1} of the completion has no logprob`);
    return readLogprob(token.logprob, `token ${k + 1} of the completion`);
  });
  if (next !== tokens.length) throw badAnswer('The completion has more logprobs than tokens');
  return logprobs;
}

/** As llama.cpp decides it: among the last four bytes is one that asks for more bytes than follow it. */
function endsInsideCharacter(bytes: readonly number[]): boolean {
  return bytes.slice(-4).some((byte, k, last) => {
    const length = (byte & 0xe0) === 0xc0 ? 2 : (byte & 0xf0) === 0xe0 ? 3 : (byte & 0xf8) === 0xf0 ? 4 : 1;
    return length > last.length - k;
  });
}
