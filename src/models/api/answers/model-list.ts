/** Answers of `/models`, and vLLM's `/version`. */
import { z } from 'zod';
import { readAnswer } from './bad-answer.js';

const listed = z.object({
  id: z.string(),
  aliases: z.array(z.string()).nullish(),
  owned_by: z.string().nullish(),
  max_model_len: z.number().nullish(),
  context_length: z.number().nullish(),
  /** llama.cpp's. */
  meta: z.object({ n_vocab: z.number().nullish(), n_ctx: z.number().nullish(), n_ctx_train: z.number().nullish() }).nullish(),
});

export type ListedModel = z.infer<typeof listed>;

/** Some gateways answer with the list alone. */
const modelList = z.union([z.object({ data: z.array(listed) }), z.array(listed).transform((data) => ({ data }))]);

export function readModelList(answer: unknown): ListedModel[] {
  return readAnswer(modelList, answer, 'The list of models').data;
}

export function readVersion(answer: unknown): string {
  return readAnswer(z.object({ version: z.string() }), answer, "The server's version").version;
}
