/** Finds out what a server can do by asking it about twenty small questions. */
import { AuditError } from '../../../audit/errors.js';
import type { EndpointSource } from '../../../audit/plan.js';
import type { AccountBook } from '../transport/account.js';
import type { GeneratedAnswer } from '../dialects/answers/generated-answer.js';
import type { EndpointClient } from '../transport/endpoint-client.js';
import type { EndpointError } from '../transport/endpoint-error.js';
import { knowsTokenIds, type EndpointProfile, type ProbeLine } from '../endpoint-profile.js';
import { RequestPool } from '../transport/request-pool.js';
import { findApi } from '../transport/find-api.js';
import type { TextCompletion } from '../dialects/answers/text-completion.js';
import { askContinuation } from './ask-continuation.js';
import { askChat, askTextCompletion, type Asked } from './ask-generation.js';
import { askGivenText } from './ask-given-text.js';
import { askIdentity, type ServerFacts } from './ask-identity.js';
import { askSampling } from './ask-sampling.js';
import { askSeeds } from './ask-seeds.js';
import { askTokens } from './ask-tokens.js';
import { checkCounts } from './check-counts.js';
import { checkGivenText } from './check-given-text.js';
import { checkTokens } from './check-tokens.js';
import { Questioner } from './questioner.js';

export interface ProbeOptions {
  readonly signal: AbortSignal;
  /** Where what it takes is counted. */
  readonly account?: AccountBook | undefined;
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
  { signal, account, onAnswer }: ProbeOptions,
): Promise<EndpointProfile> {
  const place = await findApi(client, signal);
  const api = place === '' ? client : client.beneath(place);
  const questioner = new Questioner({ client: api, pool: pool ?? new RequestPool({ host: client.host }), model: source.model, signal, account, onAnswer });
  if (place !== '') questioner.note('Where is its API?', `at ${place} below the address that was given`, null, 'It is asked there.');
  const facts = await askIdentity(questioner);
  const completed = await askTextCompletion(questioner);
  const takesTextAsIs = completed.answer === null ? null : await checkCounts(questioner, completed.answer);
  const text: Asked<TextCompletion> = takesTextAsIs === false ? { answer: null, logprobs: null, refusal: null } : completed;
  const chat = await askChat(questioner, facts);
  if (completed.answer === null && chat.answer === null) throw explainSilence(questioner, facts, completed, chat);
  const tokens = await askTokens(questioner, facts, text.answer);
  const idsInAndOut = knowsTokenIds(tokens);
  const told = { text: checkTokens(questioner, 'texts', text, idsInAndOut), chat: checkTokens(questioner, 'turns', chat, false) };
  const textCompletions = text.answer !== null;
  const chatCompletions = chat.answer !== null;
  const ids = idsInAndOut ? tokens.ids : null;
  const given = textCompletions ? await askGivenText(questioner, ids) : null;
  // An answer that cannot be used has been rendered all the same.
  const chatTemplate = facts.chatTemplate ?? (chatCompletions || chat.refusal?.kind === 'badAnswer');
  const { continuesTurn, repeatsOpening } =
    chat.answer !== null && told.chat.logprobs !== null && !idsInAndOut
      ? await askContinuation(questioner, chat.answer, chat.maxTokensField)
      : { continuesTurn: null, repeatsOpening: false };
  const question = { kind: facts.kind, maxTokensField: chat.maxTokensField, logprobsAs: chat.logprobsAs };
  const sampling = {
    text: told.text.logprobs === null ? null : await askSampling(questioner, { ...question, how: 'text', logprobs: told.text.logprobs }),
    // With token ids everything goes as text completions.
    chat: told.chat.logprobs === null || idsInAndOut ? null : await askSampling(questioner, { ...question, how: 'chat', logprobs: told.chat.logprobs }),
  };
  const contradicts = given !== null && (await checkGivenText(questioner, given, { ids, generatedIds: tokens.generatedIds }, sampling.text)) === false;
  const { seeds, concurrent } = await askSeeds(questioner, { textCompletions, maxTokensField: chat.maxTokensField });
  return {
    server: { kind: facts.kind, name: facts.name, version: facts.version },
    servedAs: nameServed(questioner, [completed.answer, chat.answer]),
    apiPath: place,
    textCompletions,
    chatCompletions,
    chatTemplate,
    tokenPrompts: tokens.tokenPrompts,
    tokenizer: tokens.tokenizer,
    generatedIds: tokens.generatedIds,
    textLogprobs: told.text.logprobs,
    chatLogprobs: told.chat.logprobs,
    chatLogprobsAs: chat.logprobsAs,
    spelling: told.text.spelling ?? told.chat.spelling,
    ...(textCompletions && { takesTextAsIs: takesTextAsIs === true ? true : null }),
    thinkingOff: questioner.thinkingOff,
    sampling,
    givenLogprobs: contradicts ? null : given,
    ...(contradicts && { givenContradicts: true }),
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

/** `null` also where texts and turns are answered under different names: neither says which model has answered. */
function nameServed(questioner: Questioner, answers: readonly (GeneratedAnswer | null)[]): string | null {
  const names = new Set(answers.flatMap((answer) => answer?.model ?? []));
  const [name] = names;
  return name === undefined || names.size > 1 ? null : questioner.showName(name);
}

/** Neither texts nor turns are answered. Addresses that a gateway does not have may be missing or forbidden. */
function explainSilence(questioner: Questioner, { served }: ServerFacts, text: Asked<unknown>, chat: Asked<unknown>): AuditError {
  const refusals = [chat.refusal, text.refusal].filter((refusal) => refusal !== null);
  const telling = refusals.find(({ kind }) => kind !== 'notFound' && kind !== 'keyRefused');
  if (served.length === 0 || served.includes(questioner.model)) {
    if (telling !== undefined) questioner.fail(telling);
    if (refusals.every(({ kind }) => kind === 'keyRefused')) questioner.fail(refusals[0]!);
  }
  const refusal: EndpointError = refusals.find(({ kind }) => kind !== 'notFound') ?? refusals[0]!;
  const names = served.slice(0, LISTED).map((name) => questioner.showName(name));
  const list = served.length === 0 ? '' : ` It serves ${names.join(', ')}${served.length > LISTED ? ` and ${served.length - LISTED} more` : ''}.`;
  return new AuditError(
    'modelNotServed',
    `${questioner.host} does not serve the model ${questioner.model}: ${refusal.said ?? refusal.message}.${list} Choose one of its models, or check the base URL.`.replace(
      /\.\./g,
      '.',
    ),
    { cause: refusal },
  );
}

const LISTED = 12;
