/** What a GGUF file says about its tokenizer and conversation, which the engine keeps to itself. */
import type { ServedModelFacts } from './served-model.js';

type TemplateFacts = Pick<ServedModelFacts, 'template' | 'vocabulary' | 'endId'>;

interface TokenizerMetadata {
  readonly chat_template?: string;
  readonly ggml: { readonly tokens: readonly string[]; readonly bos_token_id?: number; readonly eos_token_id?: number };
}

export async function readTemplateFacts(gguf: string): Promise<TemplateFacts> {
  const { readGgufFileInfo } = await import('node-llama-cpp');
  const { metadata } = await readGgufFileInfo(gguf, { readTensorInfo: false });
  const { chat_template: source, ggml } = metadata.tokenizer as unknown as TokenizerMetadata;
  const nameOf = (id: number | undefined): string => (id === undefined ? '' : (ggml.tokens[id] ?? ''));
  return {
    template: { source, bosText: nameOf(ggml.bos_token_id), eosText: nameOf(ggml.eos_token_id) },
    vocabulary: ggml.tokens,
    endId: ggml.eos_token_id,
  };
}
