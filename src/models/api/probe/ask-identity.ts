/** Asks which server this is, and what it says of the model. */
import { readLlamaProperties } from '../dialects/answers/llama-answers.js';
import { readModelList, readVersion, type ListedModel } from '../dialects/answers/model-list.js';
import type { ServerKind } from '../endpoint-profile.js';
import { valueOf, type Questioner } from './questioner.js';

export interface ServerFacts {
  readonly kind: ServerKind;
  readonly name: string;
  readonly version: string | null;
  readonly contextLength: number | null;
  readonly vocabularySize: number | null;
  readonly endToken: string | null;
  /** `null` where it is not told; otherwise whether the model has one. */
  readonly chatTemplate: boolean | null;
  /** Names of the models that it serves, as far as it tells. */
  readonly served: readonly string[];
}

export const SGLANG = 'SGLang';

/** @throws AuditError `keyRefused`; `endpointFailed` where the server is not reached */
export async function askIdentity(questioner: Questioner): Promise<ServerFacts> {
  const reply = await questioner.get('/models', readModelList);
  const models = valueOf(reply) ?? [];
  const listed = models.find(({ id, aliases }) => id === questioner.model || aliases?.includes(questioner.model)) ?? models[0];
  const kind = await askKind(questioner, listed);
  const facts = { ...kind, version: kind.version === null ? null : questioner.showName(kind.version), served: models.map(({ id }) => id) };
  questioner.note('Which server is it?', `${facts.name}${facts.version === null ? '' : ` ${facts.version}`}`, null, 'Recorded with the audit.');
  questioner.note(
    'How much context does the model have?',
    facts.contextLength === null ? 'not told' : `${facts.contextLength} tokens`,
    null,
    facts.contextLength === null ? 'Completions that do not fit are set aside.' : 'Frame, prefill and completion have to fit.',
  );
  return facts;
}

async function askKind(questioner: Questioner, listed: ListedModel | undefined): Promise<Omit<ServerFacts, 'served'>> {
  const told = { contextLength: listed?.max_model_len ?? listed?.meta?.n_ctx ?? listed?.context_length ?? null, vocabularySize: listed?.meta?.n_vocab ?? null };
  const unknown = { endToken: null, chatTemplate: null, version: null };
  if (listed?.owned_by === 'llamacpp') {
    const properties = valueOf(await questioner.get({ fromRoot: '/props' }, readLlamaProperties));
    return {
      ...told,
      kind: 'llama.cpp',
      name: 'llama.cpp server',
      version: properties?.build_info ?? null,
      contextLength: properties?.default_generation_settings?.n_ctx ?? told.contextLength,
      endToken: properties?.eos_token || null,
      chatTemplate: properties === null ? null : (properties.chat_template ?? '').trim() !== '',
    };
  }
  if (listed?.owned_by === 'vllm') {
    return { ...told, ...unknown, kind: 'vllm', name: 'vLLM', version: valueOf(await questioner.get({ fromRoot: '/version' }, readVersion)) };
  }
  const owner = listed?.owned_by;
  return { ...told, ...unknown, kind: 'unknown', name: owner === 'sglang' ? SGLANG : `server at ${questioner.host}` };
}
