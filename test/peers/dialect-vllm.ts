/**
 * The HTTP server of vLLM, forms of 2025 and 2026.
 *
 * Sources: docs.vllm.ai, "OpenAI-Compatible Server" (v0.28.0: which paths need the key, extra parameters); the request and
 * answer classes of vllm-project/vllm: vllm/entrypoints/openai/{completion,chat_completion,engine}/protocol.py,
 * vllm/entrypoints/openai/models/serving.py (an adapter's card has no max_model_len),
 * vllm/entrypoints/serve/tokenize/protocol.py.
 */
import type { DialectOptions } from './dialect-options.js';
import { readMessages } from './chat-prompt.js';
import { ok, Refusal, type Answer, type Call, type Dialect, type Fields, type Handler } from './http-answers.js';
import { readBoolean, readIds, readText } from './request-fields.js';
import type { ServedModel, ServedModels } from './served-model.js';
import { textOf } from './token-texts.js';
import { answerVllmChat } from './dialect-vllm-chat.js';
import { answerVllmCompletion } from './dialect-vllm-completions.js';

export const VLLM_VERSION = '0.26.0';

export function createVllmDialect(models: ServedModels, options: DialectOptions): Dialect {
  const withModel =
    (handle: (model: ServedModel, call: Call) => Promise<Answer>): Handler =>
    (call) =>
      handle(findModel(models, call.body), call);
  const routes = new Map<string, Handler>([
    ['GET /health', () => ({ status: 200, body: '' })],
    ['GET /v1/models', () => ok(listModels(models, options))],
    ['POST /v1/completions', withModel((model, call) => answerVllmCompletion(model, call, options))],
    ['POST /v1/chat/completions', withModel((model, call) => answerVllmChat(model, call, options))],
  ]);
  if (!options.quirks.has('anonymous')) routes.set('GET /version', () => ok({ version: VLLM_VERSION }));
  if (!options.quirks.has('hideTokenize')) {
    routes.set(
      'POST /tokenize',
      withModel((model, call) => tokenize(model, call, options)),
    );
    routes.set(
      'POST /detokenize',
      withModel((model, call) => detokenize(model, call, options)),
    );
  }
  return {
    routes,
    guards: (path) => path.startsWith('/v1'),
    refuseKey: () => ({ status: 401, body: { error: 'Unauthorized' } }),
    notFound: () => ({ status: 404, body: { detail: 'Not Found' } }),
    refuse: ({ status, message, details }) => ({
      status,
      body: { error: { message, type: details.type ?? errorType(status), param: details.param ?? null, code: status } },
    }),
  };
}

/** Without a name the first model answers. */
function findModel(models: ServedModels, body: Fields): ServedModel {
  const name = readText(body, 'model');
  const model = name === undefined || name === '' ? [...models.values()][0] : models.get(name);
  if (model === undefined) throw new Refusal(404, `The model \`${name}\` does not exist.`, { param: 'model' });
  return model;
}

function errorType(status: number): string {
  return status === 404 ? 'NotFoundError' : status < 500 ? 'BadRequestError' : 'InternalServerError';
}

function listModels(models: ServedModels, { quirks }: DialectOptions): unknown {
  const created = Math.floor(Date.now() / 1000);
  const data = [...models.values()].map(({ facts }) => ({
    id: facts.name,
    object: 'model',
    created,
    owned_by: quirks.has('anonymous') ? 'openai' : 'vllm',
    root: facts.root,
    parent: facts.parent ?? null,
    max_model_len: facts.parent === undefined ? facts.contextTokens : null,
    permission: [
      {
        id: `modelperm-${facts.name}`,
        object: 'model_permission',
        created,
        allow_create_engine: false,
        allow_sampling: true,
        allow_logprobs: true,
        allow_search_indices: false,
        allow_view: true,
        allow_fine_tuning: false,
        organization: '*',
        group: null,
        is_blocking: false,
      },
    ],
  }));
  return { object: 'list', data };
}

async function tokenize(model: ServedModel, { body, signal }: Call, { quirks }: DialectOptions): Promise<Answer> {
  const tokens = await idsToTokenize(model, body, signal);
  const strings = readBoolean(body, 'return_token_strs', false) && !quirks.has('noTokenStrs') ? tokens.map((id) => model.facts.vocabulary[id]!) : null;
  return ok({ count: tokens.length, max_model_len: model.facts.contextTokens, tokens, token_strs: strings });
}

async function idsToTokenize(model: ServedModel, body: Fields, signal: AbortSignal): Promise<number[]> {
  const prompt = readText(body, 'prompt');
  if (prompt !== undefined) return model.idsOf(prompt, readBoolean(body, 'add_special_tokens', true), signal);
  const ids = await model.idsOfChat(readMessages(body['messages']), readRenderOptions(body), signal);
  return readBoolean(body, 'add_special_tokens', false) ? [...(await model.idsOf('', true, signal)), ...ids] : ids;
}

/** How the turns of a request are to be rendered. */
export function readRenderOptions(body: Fields) {
  const kwargs = body['chat_template_kwargs'] ?? {};
  if (typeof kwargs !== 'object' || Array.isArray(kwargs)) throw new Refusal(400, '`chat_template_kwargs` must be an object.');
  return {
    addGenerationPrompt: readBoolean(body, 'add_generation_prompt', true),
    continueFinalMessage: readBoolean(body, 'continue_final_message', false),
    variables: kwargs as Fields,
  };
}

async function detokenize(model: ServedModel, { body, signal }: Call, { quirks }: DialectOptions): Promise<Answer> {
  const pieces = await model.pieces(readIds(body['tokens'], 'tokens'), signal);
  const text = textOf(pieces, { controls: true, keepUnfinished: true });
  return ok({ prompt: quirks.has('dropBlank') ? text.replace(/^ /, '') : text });
}
