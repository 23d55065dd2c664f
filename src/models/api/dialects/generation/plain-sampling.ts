/** Sampling from the model's own distribution and nothing else, whatever defaults a server or a model's files have. */
import type { EndpointProfile, SamplingFields, ServerKind } from '../../endpoint-profile.js';

const OPENAI: SamplingFields = { top_p: 1, presence_penalty: 0, frequency_penalty: 0 };
const VLLM: SamplingFields = { ...OPENAI, top_k: -1, min_p: 0, repetition_penalty: 1 };
const LLAMA: SamplingFields = {
  ...OPENAI,
  top_k: 0,
  min_p: 0,
  typical_p: 1,
  repeat_penalty: 1,
  dry_multiplier: 0,
  xtc_probability: 0,
  mirostat: 0,
};

/** Fields to try, the most thorough first; of servers that are known their own. */
export function samplingFieldsFor(kind: ServerKind): readonly SamplingFields[] {
  if (kind === 'llama.cpp') return [LLAMA];
  return kind === 'vllm' ? [VLLM] : [VLLM, { ...OPENAI, repetition_penalty: 1 }, OPENAI, { top_p: 1 }, {}];
}

/** What a request for generated text or turns says of its sampling, temperature and seed apart. */
export function plainSampling({ sampling, server }: Pick<EndpointProfile, 'sampling' | 'server'>, how: 'text' | 'chat'): object {
  // Reusing an earlier request's computation changes the last digits, and prompts are short.
  return { ...sampling[how]?.fields, ...(server.kind === 'llama.cpp' && { cache_prompt: false }) };
}
