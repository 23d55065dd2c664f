/**
 * Where the prefill stands in the message of every chat template of llama.cpp: all that is written between the user's text and the
 * prefill, named template by template, as read in the templates; or why the template is refused.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderJinja } from '../../../src/models/local/process/python-jinja.js';
import { renderTurn, type RenderedTurn } from '../../../src/models/frame/render-turn.js';
import { llamaCppModels } from './llama-cpp-files.js';

const folder = join(llamaCppModels(), 'templates');
const SYSTEM = 'You are a helpful assistant.';
const USER = 'Tell me anything.';

type Opening = string | { readonly refused: string };

/**
 * Thoughts that the template closes, or that it leaves out of an answer that stands there, are no remark. `leftOut`: it only opens them, so
 * they are left out; `open`: the prefill stands in them, which the audit says.
 */
const OPENINGS: readonly (readonly [template: string, opening: Opening, thoughts?: RenderedTurn['thoughts']])[] = [
  ['Apertus-8B-Instruct', '<|user_end|><|assistant_start|>'],
  ['Apriel-1.6-15b-Thinker-fixed', '\n<|begin_assistant|>\n', 'leftOut'],
  ['Bielik-11B-v3.0-Instruct', '<|im_end|>\n<|im_start|>assistant\n'],
  ['ByteDance-Seed-OSS', '<seed:eos><seed:bos>assistant\n'],
  ['Cohere2MoE', '<|END_TEXT|><|END_OF_TURN_TOKEN|><|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|><|START_TEXT|>'],
  ['CohereForAI-c4ai-command-r-plus-tool_use', { refused: 'Expected iterable or object type in for loop: got NullValue' }],
  ['CohereForAI-c4ai-command-r7b-12-2024-tool_use', '<|END_OF_TURN_TOKEN|><|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|><|START_RESPONSE|>'],
  ['GLM-4.6', '/nothink<|assistant|>\n<think></think>\n'],
  ['GLM-4.7-Flash', '<|assistant|></think>'],
  ['GigaChat3-10B-A1.8B', '<|message_sep|>\n\nassistant<|role_sep|>\n'],
  ['GigaChat3.1-10B-A1.8B', '<|message_sep|>\n\nassistant<|role_sep|>\n'],
  ['HuggingFaceTB-SmolLM3-3B', '<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n'],
  ['Kimi-K2-Instruct', '<|im_end|><|im_assistant|>assistant<|im_middle|>'],
  ['Kimi-K2-Thinking', '<|im_end|><|im_assistant|>assistant<|im_middle|><think></think>'],
  ['Kimi-K3', '<|close|>message<|sep|><|end_of_msg|><|open|>message role="assistant"<|sep|><|open|>think<|sep|><|close|>think<|sep|><|open|>response<|sep|>'],
  ['LFM2-8B-A1B', '<|im_end|>\n<|im_start|>assistant\n'],
  ['LFM2.5-8B-A1B', '<|im_end|>\n<|im_start|>assistant\n'],
  ['LFM2.5-Instruct', '<|im_end|>\n<|im_start|>assistant\n'],
  ['MiMo-VL', '<|im_end|>\n<|im_start|>assistant\n'],
  ['MiniMax-M1', '<end_of_sentence>\n<beginning_of_sentence>ai name=assistant\n'],
  ['MiniMax-M2', '[e~[\n]~b]ai\n', 'leftOut'],
  ['MiniMax-M3', '[e~[\n]~b]ai\n</mm:think>'],
  ['Mistral-Small-3.2-24B-Instruct-2506', '[/INST]'],
  ['NVIDIA-Nemotron-3-Nano-30B-A3B-BF16', '<|im_end|>\n<|im_start|>assistant\n<think></think>'],
  ['NVIDIA-Nemotron-Nano-v2', '\n<SPECIAL_11>Assistant\n<think>\n', 'open'],
  ['NousResearch-Hermes-2-Pro-Llama-3-8B-tool_use', { refused: 'Expected iterable or object type in for loop: got NullValue' }],
  ['NousResearch-Hermes-3-Llama-3.1-8B-tool_use', { refused: 'Expected iterable or object type in for loop: got NullValue' }],
  ['Qwen-QwQ-32B', '<|im_end|>\n<|im_start|>assistant\n<think>\n</think>'],
  ['Qwen-Qwen2.5-7B-Instruct', '<|im_end|>\n<|im_start|>assistant\n'],
  ['Qwen-Qwen3-0.6B', '<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n'],
  ['Qwen3-Coder', '<|im_end|>\n<|im_start|>assistant\n'],
  ['Qwen3.5-4B', '<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n'],
  ['Reka-Edge', '<sep>assistant: '],
  ['Spark2.5', '<｜end▁of▁sentence｜><｜start▁of▁sentence｜><|Bot|></think>'],
  ['StepFun3.5-Flash', '<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n'],
  ['deepseek-ai-DeepSeek-R1-Distill-Llama-8B', '<｜Assistant｜>', 'leftOut'],
  ['deepseek-ai-DeepSeek-R1-Distill-Qwen-32B', '<｜Assistant｜><think>\n</think>'],
  ['deepseek-ai-DeepSeek-V3.1', '<｜Assistant｜><think></think>'],
  ['deepseek-ai-DeepSeek-V3.2', '<｜Assistant｜></think>'],
  ['deepseek-ai-DeepSeek-V4-Flash-0731', '<｜Assistant｜></think>'],
  ['deepseek-ai-DeepSeek-V4', '<｜Assistant｜></think>'],
  ['fireworks-ai-llama-3-firefunction-v2', { refused: 'Cannot perform operation + on undefined values' }],
  ['google-gemma-2-2b-it', '<end_of_turn>\n<start_of_turn>model\n'],
  ['google-gemma-4-31B-it-interleaved', '<turn|>\n<|turn>model\n<|channel>thought\n<channel|>'],
  ['google-gemma-4-31B-it', '<turn|>\n<|turn>model\n<|channel>thought\n<channel|>'],
  ['ibm-granite-granite-3.3-2B-Instruct', '<|end_of_text|>\n<|start_of_role|>assistant<|end_of_role|>'],
  ['ibm-granite-granite-4.0', '<|end_of_text|>\n<|start_of_role|>assistant<|end_of_role|>'],
  ['ibm-granite-granite-4.1', '<|end_of_text|>\n<|start_of_role|>assistant<|end_of_role|>'],
  ['inclusionai-ling-3.0-flash', '<|role_end|><role>ASSISTANT</role>\n<think></think>'],
  ['llama-cpp-deepseek-r1', '<｜end▁of▁sentence｜><｜Assistant｜>', 'leftOut'],
  ['llama-cpp-rwkv-world', '\n\nAssistant: <think>\n</think>'],
  ['meetkai-functionary-medium-v3.1', '<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n'],
  ['meetkai-functionary-medium-v3.2', '<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n>>>all\n'],
  ['meta-llama-Llama-3.1-8B-Instruct', '<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n'],
  ['meta-llama-Llama-3.2-3B-Instruct', '<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n'],
  ['meta-llama-Llama-3.3-70B-Instruct', '<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n'],
  ['microsoft-Phi-3.5-mini-instruct', '<|end|>\n<|assistant|>\n'],
  ['mistralai-Ministral-3-14B-Reasoning-2512', '[/INST]'],
  ['mistralai-Mistral-Nemo-Instruct-2407', '[/INST]'],
  ['moonshotai-Kimi-K2', '<|im_end|><|im_assistant|>assistant<|im_middle|>'],
  ['muse-glimmer', '<|eot|><|start|>assistant to=user<|message|>'],
  ['openai-gpt-oss-120b', '<|end|><|start|>assistant<|channel|>final<|message|>'],
  ['openbmb-MiniCPM5-1B', '<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n'],
  ['poolside-Laguna-S-2.1', '</user>\n<assistant></think>'],
  ['poolside-Laguna-XS-2.1', '\n</user>\n<assistant>\n</think>\n'],
  ['poolside-Laguna-XS.2', '\n</user>\n<assistant>\n</think>\n'],
  ['tencent-Hy3', '<｜hy_Assistant:opensource｜><think:opensource></think:opensource>'],
  ['unsloth-Apriel-1.5', '\n<|end|>\n<|assistant|>\n'],
  ['unsloth-mistral-Devstral-Small-2507', '[/INST]'],
  ['upstage-Solar-Open-100B', '<|end|><|begin|>assistant<|content|>'],
];

function open(template: string, system = SYSTEM): Promise<RenderedTurn> {
  const source = readFileSync(join(folder, `${template}.jinja`), 'utf8');
  const fixed = { tools: null, documents: null, bos_token: '<s>', eos_token: '</s>', enable_thinking: false };
  const renderer = {
    name: template,
    render: (messages: readonly object[], last: 'begun' | 'answered') =>
      Promise.resolve().then(() => renderJinja(source, { ...fixed, messages, add_generation_prompt: last === 'begun' })),
    isRefusal: () => true,
  };
  return renderTurn(renderer, 'chat', { system, user: USER, ask: '' });
}

describe('the message of the template', () => {
  it('is named for every one', () => {
    const files = readdirSync(folder).filter((name) => name.endsWith('.jinja'));
    expect(OPENINGS.map(([template]) => `${template}.jinja`).sort()).toEqual(files.sort());
  });

  it.each(OPENINGS.map(([template, opening, thoughts]) => ({ template, opening, thoughts })))(
    '$template is opened by $opening',
    async ({ template, opening, thoughts }) => {
      for (const system of [SYSTEM, '']) {
        if (typeof opening !== 'string') {
          await expect(open(template, system)).rejects.toThrow(opening.refused);
          continue;
        }
        const turn = await open(template, system);
        expect(turn.text.slice(turn.text.lastIndexOf(USER) + USER.length)).toBe(opening);
        expect(turn.thoughts).toBe(thoughts);
        // The one of them that refuses a system turn.
        expect(turn.systemFolded).toBe(system !== '' && template === 'google-gemma-2-2b-it');
      }
    },
  );
});
