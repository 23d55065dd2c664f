/**
 * POST /v1/completions of vLLM.
 *
 * Source: vllm-project/vllm, vllm/entrypoints/openai/completion/{protocol,serving}.py: an echo's logprobs go before the
 * completion's; `logprobs: n` names n alternatives and the token itself; text offsets begin at 0; `max_tokens: 0` with
 * `echo` computes one token and shows none; with `return_token_ids` an echo has no text; the token that ended a completion
 * is among its tokens and logprobs, not in its text.
 */
import { randomUUID } from 'node:crypto';
import type { DialectOptions } from './dialect-options.js';
import { ok, Refusal, type Answer, type Call, type Fields } from './http-answers.js';
import { formLegacyLogprobs } from './logprob-forms.js';
import { readBoolean, readIds, readInteger } from './request-fields.js';
import type { Place, ServedModel } from './served-model.js';
import { textOf } from './token-texts.js';
import { formPromptLogprobs, readLogprobCount, readSampling, refuseTooLong, showAsId, spellingOf, stopReason, textPlaces, usageOf } from './vllm-sampling.js';

const DEFAULT_MAX_TOKENS = 16;

interface Prompt {
  readonly ids: readonly number[];
  /** `undefined` where the request gave ids. */
  readonly text: string | undefined;
}

export async function answerVllmCompletion(model: ServedModel, { body, signal }: Call, options: DialectOptions): Promise<Answer> {
  const prompts = await readPrompts(model, body, signal);
  const choices: unknown[] = [];
  let promptTokens = 0;
  let completionTokens = 0;
  for (const prompt of prompts) {
    const { choice, generated } = await complete(model, prompt, body, options, signal);
    choices.push({ index: choices.length, ...choice });
    promptTokens += prompt.ids.length;
    completionTokens += generated;
  }
  return ok({
    id: `cmpl-${randomUUID().replaceAll('-', '')}`,
    object: 'text_completion',
    created: Math.floor(Date.now() / 1000),
    model: model.facts.servedAs,
    choices,
    service_tier: null,
    system_fingerprint: null,
    ...usageOf(promptTokens, completionTokens, options),
    kv_transfer_params: null,
  });
}

async function readPrompts(model: ServedModel, body: Fields, signal: AbortSignal): Promise<Prompt[]> {
  const given = body['prompt'];
  const addBos = readBoolean(body, 'add_special_tokens', true);
  const refusal = new Refusal(400, 'Either prompt or prompt_embeds must be provided and non-empty.', { param: 'prompt' });
  const readOne = async (prompt: unknown): Promise<Prompt> => {
    const text = typeof prompt === 'string' ? prompt : undefined;
    const ids = text === undefined ? readIds(prompt, 'prompt') : await model.idsOf(text, addBos, signal);
    if (ids.length === 0) throw refusal;
    return { ids, text };
  };
  if (given == null || given === '' || (Array.isArray(given) && given.length === 0)) throw refusal;
  const isOne = typeof given === 'string' || (Array.isArray(given) && typeof given[0] === 'number');
  return isOne ? [await readOne(given)] : Promise.all((given as unknown[]).map(readOne));
}

async function complete(model: ServedModel, prompt: Prompt, body: Fields, options: DialectOptions, signal: AbortSignal) {
  const spelling = spellingOf(options);
  const echo = readBoolean(body, 'echo', false);
  const returnIds = readBoolean(body, 'return_token_ids', false);
  const maxTokens = readInteger(body, 'max_tokens', { min: echo ? 0 : 1 }) ?? DEFAULT_MAX_TOKENS;
  const hidden = options.quirks.has('noLogprobs');
  const count = hidden ? undefined : readLogprobCount(body, 'logprobs', 'sample', model, options);
  const promptCount = hidden ? undefined : (readLogprobCount(body, 'prompt_logprobs', 'prompt', model, options) ?? (echo ? count : undefined));
  const sampling = readSampling(body, Math.max(1, maxTokens), count ?? 0, options);
  refuseTooLong(model, prompt.ids.length, maxTokens);

  const promptPlaces = promptCount === undefined ? [] : await model.place(prompt.ids, promptCount, signal);
  const generated = await model.generate(prompt.ids, maxTokens === 0 ? { ...sampling, alternatives: 0 } : sampling, signal);
  const completion = maxTokens === 0 ? { places: [], end: null } : generated;
  const listed = options.quirks.has('hideEnd') ? textPlaces(completion) : completion.places;
  const shown: readonly Place[] = [...(echo ? promptPlaces : []), ...listed];
  const own = textOf(
    textPlaces(completion).map(({ piece }) => piece),
    { controls: !readBoolean(body, 'skip_special_tokens', true), keepUnfinished: false },
  );
  const asIds = showAsId(body);
  const choice = {
    text: (echo && !returnIds ? await echoText(model, prompt, signal) : '') + own,
    logprobs:
      count === undefined
        ? null
        : formLegacyLogprobs(shown, {
            spelling,
            count,
            offset: 0,
            ...(asIds ? { show: ({ id }) => `token_id:${id}` } : {}),
          }),
    finish_reason: completion.end === null ? 'length' : 'stop',
    stop_reason: stopReason(model, completion),
    token_ids: returnIds ? generated.places.map(({ piece }) => piece.id) : null,
    prompt_logprobs: promptCount === undefined ? null : formPromptLogprobs(promptPlaces, promptCount, spelling),
    prompt_token_ids: returnIds ? prompt.ids : null,
  };
  return { choice, generated: generated.places.length };
}

async function echoText(model: ServedModel, { ids, text }: Prompt, signal: AbortSignal): Promise<string> {
  return text ?? textOf(await model.pieces(ids, signal), { controls: true, keepUnfinished: true });
}
