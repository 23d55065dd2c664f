/** Finds out what a server can do by asking it about twenty small questions. */
import { AuditError } from '../../../audit/errors.js';
import type { EndpointSource } from '../../../audit/plan.js';
import type { EndpointClient } from '../endpoint-client.js';
import type { EndpointError } from '../endpoint-error.js';
import { knowsTokenIds, type EndpointProfile, type ProbeLine } from '../endpoint-profile.js';
import { RequestPool } from '../request-pool.js';
import { askContinuation } from './ask-continuation.js';
import { askChat, askText, type Asked } from './ask-generation.js';
import { askGivenText } from './ask-given-text.js';
import { askIdentity, type ServerFacts } from './ask-identity.js';
import { askSampling } from './ask-sampling.js';
import { askSeeds } from './ask-seeds.js';
import { askTokens } from './ask-tokens.js';
import { Questioner } from './questioner.js';

export interface ProbeOptions {
  readonly signal: AbortSignal;
  /** Each answer as it comes. */
  readonly onAnswer?: (line: ProbeLine) => void;
}

/**
 * @param pool a pool of its own unless given
 * @throws AuditError `keyMissing`, `keyRefused`, `modelNotServed`, `endpointFailed` where nothing can be asked; `cancelled`
 */
export async function probeEndpoint(
  client: EndpointClient,
  pool: RequestPool | undefined,
  source: EndpointSource,
  { signal, onAnswer }: ProbeOptions,
): Promise<EndpointProfile> {
  const questioner = new Questioner({ client, pool: pool ?? new RequestPool({ host: client.host }), model: source.model, signal, onAnswer });
  const facts = await askIdentity(questioner);
  const text = await askText(questioner);
  const chat = await askChat(questioner, facts.kind);
  if (text.answer === null && chat.answer === null) throw explainSilence(questioner, facts, text, chat);
  const tokens = await askTokens(questioner, facts, text.answer);
  const idsInAndOut = knowsTokenIds(tokens);
  const textCompletions = text.answer !== null;
  const chatCompletions = chat.answer !== null;
  const givenLogprobs = textCompletions ? await askGivenText(questioner, idsInAndOut ? tokens.ids : null) : null;
  // An answer that cannot be used has been rendered all the same.
  const chatTemplate = facts.chatTemplate ?? (chatCompletions || chat.refusal?.kind === 'badAnswer');
  const { continuesTurn, repeatsOpening } =
    chat.answer !== null && chat.logprobs !== null && !idsInAndOut
      ? await askContinuation(questioner, chat.answer, chat.maxTokensField)
      : { continuesTurn: null, repeatsOpening: false };
  const question = { kind: facts.kind, maxTokensField: chat.maxTokensField };
  const sampling = {
    text: text.logprobs === null ? null : await askSampling(questioner, { ...question, how: 'text', logprobs: text.logprobs }),
    // With token ids everything goes as text completions.
    chat: chat.logprobs === null || idsInAndOut ? null : await askSampling(questioner, { ...question, how: 'chat', logprobs: chat.logprobs }),
  };
  const { seeds, concurrent } = await askSeeds(questioner, { textCompletions, maxTokensField: chat.maxTokensField });
  const said = text.answer ?? chat.answer!;
  return {
    server: { kind: facts.kind, name: facts.name, version: facts.version },
    servedAs: said.model,
    textCompletions,
    chatCompletions,
    chatTemplate,
    tokenPrompts: tokens.tokenPrompts,
    tokenizer: tokens.tokenizer,
    generatedIds: tokens.generatedIds,
    textLogprobs: text.logprobs,
    chatLogprobs: chat.logprobs,
    sampling,
    givenLogprobs,
    continuesTurn,
    repeatsOpening,
    seeds,
    maxTokensField: chat.maxTokensField,
    endToken: facts.endToken,
    contextLength: facts.contextLength ?? tokens.contextLength,
    vocabularySize: facts.vocabularySize,
    concurrent,
    lines: questioner.lines,
  };
}

/** Neither texts nor turns are answered. */
function explainSilence(questioner: Questioner, { served }: ServerFacts, text: Asked<unknown>, chat: Asked<unknown>): AuditError {
  const refusals = [chat.refusal, text.refusal].filter((refusal) => refusal !== null);
  const refusal: EndpointError = refusals.find(({ kind }) => kind !== 'notFound') ?? refusals[0]!;
  if (refusals.every(({ kind }) => kind === 'notFound') || (served.length > 0 && !served.includes(questioner.model))) {
    const list = served.length === 0 ? '' : ` It serves ${served.slice(0, LISTED).join(', ')}${served.length > LISTED ? ` and ${served.length - LISTED} more` : ''}.`;
    return new AuditError(
      'modelNotServed',
      `${questioner.host} does not serve the model ${questioner.model}: ${refusal.said ?? refusal.message}.${list} Choose one of its models, or check the base URL.`.replace(/\.\./g, '.'),
      { cause: refusal },
    );
  }
  questioner.fail(refusal);
}

const LISTED = 12;
