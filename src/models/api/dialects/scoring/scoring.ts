/** Logprobs of given text over HTTP. */
import { AuditError } from '../../../../audit/errors.js';
import type { OwnTokens, GivenTokens, GivenText, TextLogprobs, TokenLogprobs } from '../../../../audit/language-model.js';
import { cutAtCompletion, placeTokens } from '../../../../audit/reference-text.js';
import { badAnswer, readLogprob } from '../answers/bad-answer.js';
import { readEcho, readPromptLogprobs, readPromptTokens, type GivenToken } from '../answers/prompt-logprobs.js';
import { readTextCompletion, type TextCompletion } from '../answers/text-completion.js';
import { EndpointError } from '../../transport/endpoint-error.js';
import type { EndpointProfile } from '../../endpoint-profile.js';
import { estimateTokens, type GenerationContext } from '../generation/generation.js';
import type { Stops } from '../stops.js';
import { textBefore } from '../text-prompt.js';
import { tryToFitTokens } from '../token-bytes.js';
import { fitGivenTokens } from './fit-given-tokens.js';

/** Servers generate at least one token, which nobody looks at. */
const GENERATED = 1;

export class Scoring {
  constructor(private readonly context: GenerationContext) {}

  /** @throws EndpointError; AuditError */
  async score({ id, prompt, continuation }: GivenTokens, stops: Stops): Promise<TokenLogprobs> {
    const ids = [...prompt, ...continuation];
    const { logprobs } = await this.ask(ids, ids.length, (answer) => ({ logprobs: this.readIds(answer, ids).slice(prompt.length) }), stops);
    return { id, logprobs };
  }

  /** @throws EndpointError; AuditError */
  async scoreText({ id, parts, text }: GivenText, stops: Stops): Promise<TextLogprobs> {
    if (parts.frame.turns !== undefined) {
      throw new AuditError(
        'cannotScore',
        `The server of ${this.context.model} does not say how a conversation is written, so that it cannot score one. Use the raw framing, or another reference model.`,
      );
    }
    const before = textBefore(parts);
    const whole = before + text;
    const { scoring } = await this.ask(whole, estimateTokens(whole), (answer) => ({ scoring: this.readText(answer, before, text) }), stops);
    return { id, scoring };
  }

  private readIds(answer: TextCompletion, ids: readonly number[]): number[] {
    return readGivenIds(this.context.profile.givenLogprobs, answer, ids);
  }

  private readText(answer: TextCompletion, before: string, text: string): OwnTokens | null {
    return this.context.profile.givenLogprobs === 'promptLogprobs' ? cutTokens(readPromptTokens(answer), before, text) : cutEcho(answer, before, text);
  }

  private ask<T extends object>(prompt: string | readonly number[], promptTokens: number, use: (answer: TextCompletion) => T, stops: Stops): Promise<T> {
    const { model, profile, desk } = this.context;
    const form = profile.givenLogprobs === 'promptLogprobs' ? { prompt_logprobs: 1, return_token_ids: true } : { echo: true, logprobs: 1 };
    return desk.spend(
      {
        path: '/completions',
        body: { model, prompt, max_tokens: GENERATED, temperature: 0, ...form },
        kind: 'score',
        promptTokens,
        maxTokens: GENERATED,
        read: (given) => {
          const answer = readTextCompletion(given);
          return { ...answer, ...use(answer) };
        },
      },
      stops,
    );
  }
}

/** The logprobs of a prompt of ids. Its first token is given, not predicted; no continuation begins with it. */
export function readGivenIds(given: EndpointProfile['givenLogprobs'], answer: TextCompletion, ids: readonly number[]): number[] {
  const logprobs = given === 'promptLogprobs' ? readPromptLogprobs(answer, ids) : readEchoedIds(answer, ids);
  return logprobs.map((logprob, k) => (k === 0 ? 0 : readLogprob(logprob, `token ${k + 1} of the prompt`)));
}

/** Only an answer that has exactly all of the tokens says which logprob is whose. */
function readEchoedIds(answer: TextCompletion, ids: readonly number[]): (number | null)[] {
  const generated = answer.tokens.length === ids.length && hidesEnd(answer) ? 0 : GENERATED;
  const given = answer.tokens.length - generated;
  if (given !== ids.length) throw badAnswer(`The answer has logprobs of ${given} prompt tokens where ${ids.length} were given`);
  return readEcho({ ...answer, usage: { prompt: given, completion: generated } }, generated).map(({ logprob }) => logprob);
}

/** What was generated ended the answer and is not listed: the last token that is, is the text's last. */
function hidesEnd({ ended, tokens, text }: TextCompletion): boolean {
  return ended && tryToFitTokens(tokens, text)?.at(-1)?.control === false;
}

/** The tokens that reach into the text, out of those of everything before it and the text. */
export function cutTokens(given: readonly GivenToken[], before: string, text: string): OwnTokens | null {
  const whole = before + text;
  const tokens = fitGivenTokens(given, whole);
  const start = -new TextEncoder().encode(before).length;
  const placed = placeTokens(
    { start, bytes: new TextEncoder().encode(whole) },
    tokens.map(({ piece }) => piece),
  );
  const cut = cutAtCompletion(placed.tokens, new Set());
  if (cut === null) return null;
  const first = cut.prefillTokens.length;
  const logprobs = tokens.slice(first, first + cut.tokens.length).map(({ logprob }) => logprob);
  if (logprobs[0] === null) {
    // A token that nothing stands before is given, not predicted; it may be so where it straddles, since it is in no sum then.
    if (cut.straddleBytes === 0) return null;
    logprobs[0] = 0;
  }
  return {
    tokens: cut.tokens,
    logprobs: logprobs.map((logprob, k) => readLogprob(logprob, `token ${first + k + 1} of the prompt`)),
    straddleBytes: cut.straddleBytes,
    bytes: cut.bytes,
  };
}

/**
 * The same out of an echo. Behind a finished text the model ends at once, and some servers list that token, others do not.
 * @throws EndpointError `badAnswer`
 */
export function cutEcho(answer: TextCompletion, before: string, text: string): OwnTokens | null {
  try {
    return cutTokens(readEcho(answer, GENERATED), before, text);
  } catch (error) {
    if (!answer.ended || !(error instanceof EndpointError)) throw error;
    return cutTokens(readEcho({ ...answer, usage: { prompt: answer.tokens.length, completion: 0 } }, 0), before, text);
  }
}
