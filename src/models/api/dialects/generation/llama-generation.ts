/**
 * Generation by llama.cpp's own `/completion`, ids in and ids out.
 *
 * It gives no logprobs of a token that leaves a character unfinished, and ends at the end of a turn whatever it is told. The
 * logprob that is missing is asked for by itself, and a raw text is gone on with behind the end of a turn.
 */
import type { Alternative, GeneratedCompletion, GenerateRequest, Piece, Position } from '../../../../audit/language-model.js';
import { decodeUtf8 } from '../../../../text/utf8.js';
import { badAnswer, isTold, readLogprob } from '../answers/bad-answer.js';
import type { NamedAlternative } from '../answers/generated-answer.js';
import { readLlamaCompletion, type LlamaCompletion } from '../answers/llama-answers.js';
import { END_OF_TURN_NAMES } from '../../../end-of-turn-names.js';
import { FORCED, type LlamaTokenizer } from '../tokenizer/llama-tokenizer.js';
import type { Stops } from '../stops.js';
import type { NamedToken } from '../token-bytes.js';
import { plainSampling } from './plain-sampling.js';
import { rankAlternatives, seedField, type Generation, type GenerationContext } from './generation.js';

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

  async generate(request: GenerateRequest, stops: Stops): Promise<GeneratedCompletion> {
    const chosen: Chosen[] = [];
    let end: Chosen | null = null;
    while (chosen.length < request.maxTokens && end === null) {
      const { tokens, ended } = await this.goOn(request, chosen, stops);
      chosen.push(...tokens.slice(0, request.maxTokens - chosen.length));
      if (!ended) break;
      const last = tokens.at(-1);
      if (last === undefined || chosen.at(-1) !== last) break;
      if (request.stop !== 'endOfText' || this.endsText(last.piece)) end = chosen.pop()!;
    }
    return { id: request.id, tokens: chosen.map(({ piece }) => piece), logprobs: chosen.map(({ logprob }) => logprob), end };
  }

  async alternatives({ prompt }: Position, count: number, signal: AbortSignal): Promise<Alternative[]> {
    const known = (named: readonly NamedAlternative[]) => {
      // A probability that has underflowed has no logarithm.
      const told = named.filter(({ id, logprob }) => id !== null && isTold(logprob));
      return told.map(({ id, logprob }, k) => ({ id: id!, logprob: readLogprob(logprob, `alternative ${k + 1}`) }));
    };
    const named = await this.distribution(prompt, count, known, { signal });
    const pieces = await this.tokenizer.generatedPieces(
      named.map(({ id }) => id),
      signal,
    );
    return rankAlternatives(
      pieces.map((piece, k) => ({ piece, logprob: named[k]!.logprob })),
      count,
    );
  }

  /** A model may have one token for both ends. */
  private endsText({ bytes }: Piece): boolean {
    const name = decodeUtf8(bytes);
    return name === this.context.profile.endToken || !END_OF_TURN_NAMES.has(name);
  }

  private async goOn(request: GenerateRequest, chosen: readonly Chosen[], stops: Stops): Promise<{ tokens: Chosen[]; ended: boolean }> {
    const { model, profile, desk } = this.context;
    const prompt = [...request.prompt, ...chosen.map(({ piece }) => piece.id)];
    const maxTokens = request.maxTokens - chosen.length;
    const answer = await desk.spend(
      {
        path: NATIVE,
        body: {
          model,
          prompt,
          n_predict: maxTokens,
          temperature: request.temperature,
          n_probs: 1,
          ...seedField(this.context, request.seed + chosen.length),
          ...plainSampling(profile, 'text'),
          return_tokens: true,
        },
        kind: 'generate',
        promptTokens: prompt.length,
        maxTokens,
        read: (given) => checkLogprobs(readLlamaCompletion(given)),
      },
      stops,
    );
    return { tokens: await this.complete(prompt, answer, stops), ended: answer.ended };
  }

  /** All of the answer's tokens with their logprobs, asked for where the answer has none. */
  private async complete(prompt: readonly number[], answer: LlamaCompletion, stops: Stops): Promise<Chosen[]> {
    this.learn(answer.tokens);
    const pieces = await this.tokenizer.generatedPieces(answer.ids, stops.signal);
    const logprobs = alignLogprobs(pieces, answer);
    return Promise.all(
      pieces.map(async (piece, k) => ({
        piece,
        logprob: logprobs[k] ?? (await this.missingLogprob([...prompt, ...answer.ids.slice(0, k)], piece.id, stops)),
      })),
    );
  }

  private async missingLogprob(prompt: readonly number[], id: number, stops: Stops): Promise<number> {
    const read = (named: readonly NamedAlternative[]) => {
      const own = named.find((alternative) => alternative.id === id);
      return own === undefined ? null : readLogprob(own.logprob, `token ${id}, which is part of a character,`);
    };
    for (const count of [ALTERNATIVES_FOR_MISSING, this.context.profile.vocabularySize ?? ALTERNATIVES_FOR_MISSING]) {
      const logprob = await this.distribution(prompt, count, read, stops);
      if (logprob !== null) return logprob;
    }
    throw badAnswer(`The server does not tell the logprob of token ${id}, which is part of a character`);
  }

  /**
   * What could come next, told on the occasion of a token that is forced: one that ends a character.
   * @param use throws `badAnswer` where what it needs of them cannot be used
   */
  private async distribution<T>(prompt: readonly number[], count: number, use: (named: readonly NamedAlternative[]) => T, stops: Stops): Promise<T> {
    const { model, profile, desk } = this.context;
    const [whole] = await this.tokenizer.tokenize('a', false, stops.signal);
    const { used } = await desk.spend(
      {
        path: NATIVE,
        body: {
          model,
          prompt,
          n_predict: 1,
          temperature: 0,
          n_probs: count,
          logit_bias: [[whole!.id, FORCED]],
          ...plainSampling(profile, 'text'),
          return_tokens: true,
        },
        kind: 'score',
        promptTokens: prompt.length,
        maxTokens: 1,
        read: (given) => {
          const answer = readLlamaCompletion(given);
          const named = answer.tokens[0]?.alternatives;
          if (!named) throw badAnswer('The completion has no alternatives');
          this.learn(named);
          return { ...answer, used: use(named) };
        },
      },
      stops,
    );
    return used;
  }

  private learn(named: readonly NamedToken[]): void {
    for (const { id, bytes } of named) if (id !== null && bytes !== null) this.tokenizer.learn({ id, bytes, control: false });
  }
}

/** llama.cpp's own, ids in and ids out. */
const NATIVE = { fromRoot: '/completion' } as const;

/** @throws EndpointError `badAnswer` where a told logprob is none, or belongs to no token of the completion */
function checkLogprobs(answer: LlamaCompletion): LlamaCompletion {
  let next = 0;
  for (const id of answer.ids) if (answer.tokens[next]?.id === id) next++;
  if (next !== answer.tokens.length) throw badAnswer('The completion has logprobs of tokens that it does not have');
  answer.tokens.forEach(({ logprob }, k) => readLogprob(logprob, `token ${k + 1} with a logprob of the completion`));
  return answer;
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
