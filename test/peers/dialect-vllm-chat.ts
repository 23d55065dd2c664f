/**
 * POST /v1/chat/completions of vLLM.
 *
 * Source: vllm-project/vllm, vllm/entrypoints/openai/chat_completion/{protocol,serving}.py: `bytes` are those of the shown
 * text, not of the token, so that half characters are empty; the chosen token is the first of the alternatives; the token
 * that ended the turn is the last of the entries; `prompt_logprobs` and `prompt_token_ids` stand beside the choices.
 */
import { randomUUID } from 'node:crypto';
import { readMessages } from './chat-prompt.js';
import type { DialectOptions } from './dialect-options.js';
import { readRenderOptions } from './dialect-vllm.js';
import { ok, Refusal, type Answer, type Call, type Fields } from './http-answers.js';
import { formChatLogprobs } from './logprob-forms.js';
import { readBoolean, readInteger } from './request-fields.js';
import type { Place, ServedModel } from './served-model.js';
import { textOf } from './token-texts.js';
import { formPromptLogprobs, readLogprobCount, readSampling, refuseTooLong, showAsId, spellingOf, stopReason, textPlaces, usageOf } from './vllm-sampling.js';

export async function answerVllmChat(model: ServedModel, { body, signal }: Call, options: DialectOptions): Promise<Answer> {
  const hidden = options.quirks.has('noLogprobs');
  const wantsLogprobs = readBoolean(body, 'logprobs', false);
  const count = readLogprobCount(body, 'top_logprobs', 'sample', model, options) ?? 0;
  if (count > 0 && !wantsLogprobs) throw new Refusal(400, 'when using `top_logprobs`, `logprobs` must be set to true.', { param: 'top_logprobs' });
  const promptCount = hidden ? undefined : readLogprobCount(body, 'prompt_logprobs', 'prompt', model, options);
  if (readBoolean(body, 'echo', false)) throw new Refusal(400, 'This test server does not support `echo` in chat.', { param: 'echo' });

  const prompt = await readPrompt(model, body, options, signal);
  const maxTokens =
    readInteger(body, 'max_completion_tokens', { min: 1 }) ??
    readInteger(body, 'max_tokens', { min: 1 }) ??
    Math.max(1, model.facts.contextTokens - prompt.length);
  const sampling = readSampling(body, maxTokens, wantsLogprobs ? count : 0, options);
  refuseTooLong(model, prompt.length, maxTokens);

  const promptPlaces = promptCount === undefined ? [] : await model.place(prompt, promptCount, signal);
  const generated = await model.generate(prompt, sampling, signal);
  const spelling = spellingOf(options);
  const returnIds = readBoolean(body, 'return_token_ids', false);
  const listed = options.quirks.has('hideEnd') ? textPlaces(generated) : generated.places;
  const opened = readOpening(body, options);
  const entries = options.quirks.has('repeatOpeningTokens') ? [...(await placeEnd(model, prompt, opened, count, signal)), ...listed] : listed;
  const choice = {
    index: 0,
    message: {
      role: 'assistant',
      content:
        opened +
        textOf(
          textPlaces(generated).map(({ piece }) => piece),
          { controls: !readBoolean(body, 'skip_special_tokens', true), keepUnfinished: false },
        ),
      refusal: null,
      annotations: null,
      audio: null,
      function_call: null,
      reasoning: null,
    },
    logprobs: wantsLogprobs && !hidden ? { content: formContent(entries, count, body, options) } : null,
    finish_reason: generated.end === null ? 'length' : 'stop',
    stop_reason: stopReason(model, generated),
    token_ids: returnIds ? generated.places.map(({ piece }) => piece.id) : null,
  };
  return ok({
    id: `chatcmpl-${randomUUID().replaceAll('-', '')}`,
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model: model.facts.servedAs,
    choices: [choice],
    service_tier: null,
    system_fingerprint: null,
    ...usageOf(prompt.length, generated.places.length, options),
    prompt_logprobs: promptCount === undefined ? null : formPromptLogprobs(promptPlaces, promptCount, spelling),
    prompt_token_ids: returnIds ? prompt : null,
    kv_transfer_params: null,
  });
}

async function readPrompt(model: ServedModel, body: Fields, { quirks }: DialectOptions, signal: AbortSignal): Promise<number[]> {
  const asked = readRenderOptions(body);
  const render = quirks.has('ignoreContinue') ? { ...asked, addGenerationPrompt: true, continueFinalMessage: false } : asked;
  const ids = await model.idsOfChat(readMessages(body['messages']), render, signal);
  return readBoolean(body, 'add_special_tokens', false) ? [...(await model.idsOf('', true, signal)), ...ids] : ids;
}

/** What the answer repeats: the last turn, where it is continued. */
function readOpening(body: Fields, { quirks }: DialectOptions): string {
  const repeats = quirks.has('repeatOpening') || quirks.has('repeatOpeningTokens');
  return repeats && readRenderOptions(body).continueFinalMessage ? readMessages(body['messages']).at(-1)!.content : '';
}

/** The prompt's last tokens, those of a text at its end. */
async function placeEnd(model: ServedModel, prompt: readonly number[], text: string, count: number, signal: AbortSignal): Promise<Place[]> {
  const length = (await model.idsOf(text, false, signal)).length;
  return length === 0 ? [] : (await model.place(prompt, count, signal)).slice(-length);
}

function formContent(places: readonly Place[], count: number, body: Fields, options: DialectOptions) {
  const { quirks } = options;
  return formChatLogprobs(places, {
    spelling: spellingOf(options),
    count,
    chosenFirst: true,
    ...(showAsId(body) ? { show: ({ id }) => `token_id:${id}` } : {}),
    bytes: (_piece, spelled) => (quirks.has('noBytes') ? undefined : quirks.has('nullBytes') ? null : [...Buffer.from(spelled)]),
  });
}
