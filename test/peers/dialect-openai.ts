/**
 * OpenAI's chat, as of its non-reasoning models.
 *
 * Sources: the OpenAI API reference, "Create chat completion" and "Error codes"; openai/openai-python, types
 * chat_completion.py and chat_completion_token_logprob.py (`bytes` may be null; top_logprobs from 0 to 20);
 * OpenAI Cookbook, "Using logprobs" (tokens that are no characters are shown as `\xf0\x9f` with their bytes).
 * A trailing turn of the assistant is one more turn of the past: the answer is a new one.
 */
import { randomUUID } from 'node:crypto';
import { readMessages } from './chat-prompt.js';
import type { DialectOptions } from './dialect-options.js';
import { ok, Refusal, type Answer, type Call, type Dialect, type Fields, type Handler } from './http-answers.js';
import { formChatLogprobs } from './logprob-forms.js';
import { NEUTRAL_SAMPLING, readBoolean, readInteger, readNumber, readSeed, readText, refuseUnsupported } from './request-fields.js';
import type { Generated, Place, ServedModel, ServedModels } from './served-model.js';
import { textOf } from './token-texts.js';

/** Fields of the API reference; any other is refused by name. */
const KNOWN_FIELDS = new Set([
  'audio',
  'frequency_penalty',
  'function_call',
  'functions',
  'logit_bias',
  'logprobs',
  'max_completion_tokens',
  'max_tokens',
  'messages',
  'metadata',
  'modalities',
  'model',
  'n',
  'parallel_tool_calls',
  'prediction',
  'presence_penalty',
  'prompt_cache_key',
  'reasoning_effort',
  'response_format',
  'safety_identifier',
  'seed',
  'service_tier',
  'stop',
  'store',
  'stream',
  'stream_options',
  'temperature',
  'tool_choice',
  'tools',
  'top_logprobs',
  'top_p',
  'user',
  'verbosity',
  'web_search_options',
]);
const MOST_TOP_LOGPROBS = 20;
export const OPENAI_FINGERPRINT = 'fp_44709d6fcb';

export function createOpenaiDialect(models: ServedModels, options: DialectOptions): Dialect {
  return openaiDialect(
    models,
    new Map<string, Handler>([
      ['POST /v1/chat/completions', (call) => answerChat(findOpenaiModel(models, call.body), call, options)],
      ['POST /v1/completions', (call) => refuseCompletion(findOpenaiModel(models, call.body))],
    ]),
  );
}

/** What OpenAI's endpoints share: the list of models, the forms of errors, the key. */
export function openaiDialect(models: ServedModels, handlers: ReadonlyMap<string, Handler>): Dialect {
  const error = (status: number, message: string, { type = 'invalid_request_error', param = null, code = null }: ErrorFields = {}): Answer => ({
    status,
    body: { error: { message, type, param, code } },
  });
  return {
    routes: new Map<string, Handler>([['GET /v1/models', () => ok(listModels(models))], ...handlers]),
    guards: () => true,
    refuseKey: (given) =>
      given === undefined
        ? error(401, "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth.")
        : error(401, `Incorrect API key provided: ${maskKey(given)}.`, { code: 'invalid_api_key' }),
    notFound: (method, path) => error(404, `Invalid URL (${method} ${path})`),
    refuse: ({ status, message, details }) => error(status, message, status < 500 ? details : { type: 'server_error' }),
    headers: () => ({ 'x-request-id': `req_${randomUUID().replaceAll('-', '')}` }),
  };
}

interface ErrorFields {
  readonly type?: string;
  readonly param?: string | null;
  readonly code?: string | null;
}

/** OpenAI says a refused key's beginning and end. */
function maskKey(key: string): string {
  return key.length <= 8 ? '*'.repeat(key.length) : `${key.slice(0, 4)}${'*'.repeat(key.length - 8)}${key.slice(-4)}`;
}

function listModels(models: ServedModels): unknown {
  return { object: 'list', data: [...models.keys()].map((id) => ({ id, object: 'model', created: 1715367049, owned_by: 'system' })) };
}

export function findOpenaiModel(models: ServedModels, body: Fields): ServedModel {
  const name = readText(body, 'model');
  if (name === undefined) throw new Refusal(400, 'you must provide a model parameter');
  const model = models.get(name);
  if (model === undefined) {
    throw new Refusal(404, `The model \`${name}\` does not exist or you do not have access to it.`, { code: 'model_not_found' });
  }
  return model;
}

function refuseCompletion(_model: ServedModel): Answer {
  throw new Refusal(404, 'This is a chat model and not supported in the v1/completions endpoint. Use v1/chat/completions.', { param: 'model' });
}

export function refuseUnknownFields(body: Fields, known: ReadonlySet<string>): void {
  const unknown = Object.keys(body).find((name) => !known.has(name));
  if (unknown !== undefined) throw new Refusal(400, `Unrecognized request argument supplied: ${unknown}`);
}

async function answerChat(model: ServedModel, { body, signal }: Call, options: DialectOptions): Promise<Answer> {
  const { quirks } = options;
  refuseUnknownFields(body, KNOWN_FIELDS);
  refuseUnsupported(body, NEUTRAL_SAMPLING);
  if (quirks.has('noSeed') && body['seed'] != null) throw new Refusal(400, 'Unrecognized request argument supplied: seed');
  if (quirks.has('onlyMaxCompletionTokens') && body['max_tokens'] != null) {
    throw new Refusal(400, "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", {
      param: 'max_tokens',
      code: 'unsupported_parameter',
    });
  }
  const wantsLogprobs = readBoolean(body, 'logprobs', false);
  const count = readInteger(body, 'top_logprobs', { min: 0, max: MOST_TOP_LOGPROBS }) ?? 0;
  if (body['top_logprobs'] != null && !wantsLogprobs) {
    throw new Refusal(400, "The 'logprobs' parameter must be true when 'top_logprobs' is given.", { param: 'top_logprobs' });
  }
  const prompt = await model.idsOfChat(readMessages(body['messages']), { addGenerationPrompt: true, continueFinalMessage: false }, signal);
  const room = model.facts.contextTokens - prompt.length;
  const maxTokens = readInteger(body, 'max_completion_tokens', { min: 1 }) ?? readInteger(body, 'max_tokens', { min: 1 }) ?? Math.max(1, room);
  if (maxTokens > room) refuseTooLong(model, prompt.length + maxTokens);
  const temperature = readNumber(body, 'temperature', { min: 0, max: 2 }) ?? 1;
  const generated = await model.generate(
    prompt,
    {
      maxTokens,
      temperature,
      seed: readSeed(body),
      ignoreEnds: false,
      stopIds: [],
      alternatives: wantsLogprobs ? count : 0,
      tempered: quirks.has(temperature === 0 ? 'oneHot' : 'tempered'),
    },
    signal,
  );
  const said = saidPlaces(generated);
  const content = textOf(
    said.map(({ piece }) => piece),
    { controls: false, keepUnfinished: true },
  );
  return ok({
    id: `chatcmpl-${randomUUID().replaceAll('-', '')}`,
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model: model.facts.servedAs,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content, refusal: null, annotations: [] },
        logprobs: wantsLogprobs && !quirks.has('noLogprobs') ? { content: formContent(said, count, options), refusal: null } : null,
        finish_reason: generated.end === null ? 'length' : 'stop',
      },
    ],
    ...openaiUsage(prompt.length, generated.places.length, options),
    service_tier: 'default',
    system_fingerprint: OPENAI_FINGERPRINT,
  });
}

export function refuseTooLong(model: ServedModel, tokens: number): never {
  throw new Refusal(400, `This model's maximum context length is ${model.facts.contextTokens} tokens. However, you requested ${tokens} tokens.`, {
    param: 'messages',
    code: 'context_length_exceeded',
  });
}

/** What the assistant said; the end of its turn is not shown. */
function saidPlaces({ places, end }: Generated): readonly Place[] {
  return end === null ? places : places.slice(0, -1);
}

function formContent(places: readonly Place[], count: number, { quirks }: DialectOptions) {
  const broken = quirks.has('brokenText');
  return formChatLogprobs(places, {
    spelling: broken ? 'replaced' : 'escaped',
    count,
    chosenFirst: false,
    bytes: (piece, spelled) => {
      if (quirks.has('noBytes')) return undefined;
      if (quirks.has('nullBytes')) return null;
      return broken ? [...Buffer.from(spelled)] : [...piece.bytes];
    },
  });
}

export function openaiUsage(promptTokens: number, completionTokens: number, { quirks }: DialectOptions) {
  if (quirks.has('noUsage')) return {};
  return {
    usage: {
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      total_tokens: promptTokens + completionTokens,
      prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
    },
  };
}
