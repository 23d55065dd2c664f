/**
 * OpenAI's legacy completions, text in and text out, and nothing else: the oldest form, which many providers offer for
 * scoring a given text (`echo` with `logprobs`).
 *
 * Sources: the OpenAI API reference, "Create completion (legacy)" (`logprobs` from 0 to 5, the chosen token on top, `echo`);
 * openai/openai-python, types/completion_choice.py; docs.fireworks.ai, "post-completions", which has the same four lists;
 * togethercomputer/openapi and sgl-project/sglang for the quirks `promptApart` and `noOffsets`.
 * The first token of an echo has no logprob; offsets count characters from the beginning of the prompt, echoed or not;
 * a token that is no UTF-8 is spelled `bytes:\xe2\x80`; the token that ended the completion is the last of the lists.
 */
import { randomUUID } from 'node:crypto';
import { findOpenaiModel, openaiDialect, OPENAI_FINGERPRINT, openaiUsage, refuseTooLong, refuseUnknownFields } from './dialect-openai.js';
import type { DialectOptions } from './dialect-options.js';
import { ok, Refusal, type Answer, type Call, type Dialect, type Fields, type Handler } from './http-answers.js';
import { formLegacyLogprobs } from './logprob-forms.js';
import { NEUTRAL_SAMPLING, readBoolean, readInteger, readNumber, readSeed, refuseUnsupported } from './request-fields.js';
import type { Generated, Place, ServedModel, ServedModels } from './served-model.js';
import { countCharacters, textOf } from './token-texts.js';

const KNOWN_FIELDS = new Set([
  'best_of',
  'echo',
  'frequency_penalty',
  'logit_bias',
  'logprobs',
  'max_tokens',
  'model',
  'n',
  'presence_penalty',
  'prompt',
  'seed',
  'stop',
  'stream',
  'stream_options',
  'suffix',
  'temperature',
  'top_p',
  'user',
]);
const DEFAULT_MAX_TOKENS = 16;

export function createOpenaiLegacyDialect(models: ServedModels, options: DialectOptions): Dialect {
  return openaiDialect(
    models,
    new Map<string, Handler>([['POST /v1/completions', (call) => answerCompletion(findOpenaiModel(models, call.body), call, options)]]),
  );
}

async function answerCompletion(model: ServedModel, { body, signal }: Call, options: DialectOptions): Promise<Answer> {
  refuseUnknownFields(body, KNOWN_FIELDS);
  refuseUnsupported(body, { ...NEUTRAL_SAMPLING, best_of: [1], suffix: [''] });
  if (options.quirks.has('noSeed') && body['seed'] != null) throw new Refusal(400, 'Unrecognized request argument supplied: seed');
  const completions: Completion[] = [];
  for (const prompt of readPrompts(body)) completions.push(await complete(model, prompt, body, options, signal));
  const apart = options.quirks.has('promptApart');
  const sum = (count: (completion: Completion) => number): number => completions.reduce((total, completion) => total + count(completion), 0);
  return ok({
    id: `cmpl-${randomUUID().replaceAll('-', '')}`,
    object: apart ? 'text.completion' : 'text_completion',
    created: Math.floor(Date.now() / 1000),
    model: model.facts.servedAs,
    choices: completions.map((completion, index) => formChoice(completion, index, options)),
    ...(apart ? { prompt: completions.map(formPromptPart) } : {}),
    ...openaiUsage(
      sum(({ promptTokens }) => promptTokens),
      sum(({ generated }) => generated.places.length),
      options,
    ),
    system_fingerprint: OPENAI_FINGERPRINT,
  });
}

interface Completion {
  readonly prompt: string;
  readonly promptTokens: number;
  readonly echo: boolean;
  /** Tokens of the echo, where their logprobs are asked for. */
  readonly echoed: readonly Place[];
  readonly generated: Generated;
  /** `undefined` where no logprobs are asked for. */
  readonly count: number | undefined;
}

function readPrompts(body: Fields): string[] {
  const given = body['prompt'];
  const prompts = Array.isArray(given) ? given : [given];
  if (prompts.length === 0 || !prompts.every((prompt) => typeof prompt === 'string')) {
    throw new Refusal(400, 'This server takes prompts as text only.', { param: 'prompt' });
  }
  return prompts as string[];
}

async function complete(model: ServedModel, prompt: string, body: Fields, options: DialectOptions, signal: AbortSignal): Promise<Completion> {
  const { quirks, maxLogprobs } = options;
  const wantsEcho = readBoolean(body, 'echo', false);
  const echo = wantsEcho && !quirks.has('ignoreEcho');
  const count = quirks.has('noLogprobs') ? undefined : readInteger(body, 'logprobs', { min: 0, max: maxLogprobs });
  const maxTokens = readInteger(body, 'max_tokens', { min: wantsEcho ? 0 : 1 }) ?? DEFAULT_MAX_TOKENS;
  const temperature = readNumber(body, 'temperature', { min: 0, max: 2 }) ?? 1;
  const ids = await model.idsOf(prompt, true, signal);
  if (ids.length === 0) throw new Refusal(400, 'The prompt is empty.', { param: 'prompt' });
  if (ids.length + maxTokens > model.facts.contextTokens) refuseTooLong(model, ids.length + maxTokens);

  const echoed = echo && count !== undefined ? hideBos(model, await model.place(ids, count, signal), options) : [];
  const sampling = { maxTokens, temperature, seed: readSeed(body), ignoreEnds: false, stopIds: [], alternatives: count ?? 0 };
  return { prompt, promptTokens: ids.length, echo, echoed, generated: await model.generate(ids, sampling, signal), count };
}

function formChoice({ prompt, echo, echoed, generated, count }: Completion, index: number, options: DialectOptions) {
  const { quirks } = options;
  const { places, end } = generated;
  const said = end === null ? places : places.slice(0, -1);
  const listed = quirks.has('hideEnd') ? said : places;
  const text = textOf(
    said.map(({ piece }) => piece),
    { controls: false, keepUnfinished: true },
  );
  const finish_reason = end === null ? 'length' : 'stop';
  if (quirks.has('promptApart')) return { index, text, logprobs: count === undefined ? null : formPart(listed), finish_reason };
  return {
    text: (echo ? prompt : '') + text,
    index,
    logprobs: count === undefined ? null : formLogprobs([...echoed, ...listed], count, echo ? 0 : countCharacters(prompt), options),
    finish_reason,
  };
}

function formPromptPart({ prompt, echo, echoed, count }: Completion) {
  return echo ? { text: prompt, logprobs: count === undefined ? null : formPart(echoed) } : { text: '', logprobs: null };
}

function formPart(places: readonly Place[]) {
  const { tokens, token_logprobs } = formLegacyLogprobs(places, { spelling: 'replaced', count: 0, offset: 0 });
  return { token_ids: places.map(({ piece }) => piece.id), tokens, token_logprobs };
}

/** A BOS that the tokenizer put before the text is computed with and not shown; the text's first token has no logprob. */
function hideBos(model: ServedModel, places: readonly Place[], { quirks }: DialectOptions): readonly Place[] {
  if (quirks.has('echoBos') || !model.startsWithBos(places.map(({ piece }) => piece.id))) return places;
  return places.slice(1).map((place, i) => (i === 0 ? { ...place, logprob: null, rank: null, top: [] } : place));
}

function formLogprobs(places: readonly Place[], count: number, offset: number, { quirks }: DialectOptions) {
  const replaced = quirks.has('brokenText') || quirks.has('noOffsets');
  const formed = formLegacyLogprobs(places, { spelling: replaced ? 'replaced' : 'bytesPrefix', count, offset });
  const text_offset = quirks.has('noOffsets') ? formed.text_offset.map(() => -1) : formed.text_offset;
  return { ...formed, text_offset, top_logprobs: count === 0 ? null : formed.top_logprobs };
}
