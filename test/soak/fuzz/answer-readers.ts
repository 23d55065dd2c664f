/** Everything that reads what a server answered, and answers to begin with. */
import { boundAnswer, findExcess } from '../../../src/models/api/transport/answer-bound.js';
import { readSpent } from '../../../src/models/api/dialects/answers/answer-schemas.js';
import { readChatCompletion } from '../../../src/models/api/dialects/answers/chat-completion.js';
import {
  readDetokenized,
  readLlamaCompletion,
  readLlamaProperties,
  readLlamaTokens,
  readRenderedTurns,
} from '../../../src/models/api/dialects/answers/llama-answers.js';
import { readModelList, readVersion } from '../../../src/models/api/dialects/answers/model-list.js';
import { readEcho, readPromptLogprobs, readPromptTokens } from '../../../src/models/api/dialects/answers/prompt-logprobs.js';
import { readTextCompletion } from '../../../src/models/api/dialects/answers/text-completion.js';
import { readVllmText, readVllmTokens } from '../../../src/models/api/dialects/answers/vllm-answers.js';
import { describeFailedAnswer, findHiddenError } from '../../../src/models/api/transport/describe-failure.js';
import { alternativesOf, completionOf } from '../../../src/models/api/dialects/generation/told-tokens.js';
import { cutEcho } from '../../../src/models/api/dialects/scoring/scoring.js';

export const ANSWER_READERS: readonly ((answer: unknown) => unknown)[] = [
  (answer) => completionOf(0, readTextCompletion(answer), 8),
  (answer) => completionOf(0, readChatCompletion(answer), 8),
  (answer) => alternativesOf(readChatCompletion(answer), 5),
  (answer) => readPromptTokens(readTextCompletion(answer)),
  (answer) => readPromptLogprobs(readTextCompletion(answer), [1, 2]),
  (answer) => readEcho(readTextCompletion(answer), 1),
  (answer) => cutEcho(readTextCompletion(answer), 'a', ' b'),
  readLlamaCompletion,
  readLlamaTokens,
  readLlamaProperties,
  readDetokenized,
  readRenderedTurns,
  readVllmTokens,
  readVllmText,
  readVersion,
  readModelList,
  readSpent,
  (answer) => findExcess(answer, boundAnswer({ max_tokens: 4 }, 10)),
  (answer) => {
    const hidden = findHiddenError(answer);
    return hidden && describeFailedAnswer({ status: hidden.status, body: { error: hidden.error } }, { host: 'h', secrets: [] }).message;
  },
  (answer) => describeFailedAnswer({ status: 500, body: answer as object }, { host: 'h', secrets: [] }).message,
];

const entry = { token: ' a', id: 1, logprob: -1, bytes: [32, 97], top_logprobs: [{ token: ' a', logprob: -1, bytes: [32, 97] }] };
const lists = { tokens: ['a', ' b'], token_logprobs: [null, -1], top_logprobs: [null, { ' b': -1 }] };
const usage = { prompt_tokens: 1, completion_tokens: 1 };

/** One good answer of each form. */
export const GOOD_ANSWERS: readonly object[] = [
  {
    model: 'm',
    choices: [
      {
        text: 'a b',
        finish_reason: 'stop',
        logprobs: lists,
        token_ids: [1, 2],
        prompt_logprobs: [null, { 2: { logprob: -1, rank: 1, decoded_token: ' b' } }],
        prompt_token_ids: [1, 2],
      },
    ],
    prompt: [{ text: 'a', logprobs: lists }],
    usage,
  },
  {
    model: 'm',
    choices: [{ message: { content: ' a', reasoning_content: null }, finish_reason: 'length', logprobs: { content: [entry] } }],
    usage,
    system_fingerprint: 'f',
  },
  { content: ' a', tokens: [1], model: 'm', stop_type: 'eos', truncated: false, completion_probabilities: [entry], tokens_evaluated: 1, tokens_predicted: 1 },
  { tokens: [{ id: 1, piece: [32] }], token_strs: ['a'], max_model_len: 4, prompt: 'a', version: '1' },
  { data: [{ id: 'm', aliases: ['x'], max_model_len: 4096, meta: { n_vocab: 10 } }] },
  { build_info: 'b', chat_template: 't', eos_token: 'e', default_generation_settings: { n_ctx: 4 } },
  { error: { message: 'no', code: 429, metadata: { reasons: ['x'] } }, detail: [{ msg: 'x' }] },
  { choices: [{ error: { message: 'no', code: 429 } }] },
];
