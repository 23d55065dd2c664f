/** Answers of `/models`, and vLLM's `/version`. */
import { z } from 'zod';
import { readAnswer } from './bad-answer.js';

const listed = z.object({
  id: z.string().min(1),
  aliases: z.array(z.string()).nullish(),
  /** Of an adapter, the model that it sits on; vLLM's. */
  parent: z.string().nullish(),
  owned_by: z.string().nullish(),
  max_model_len: z.number().nullish(),
  context_length: z.number().nullish(),
  /** llama.cpp's. */
  meta: z.object({ n_vocab: z.number().nullish(), n_ctx: z.number().nullish(), n_ctx_train: z.number().nullish() }).nullish(),
});

export type ListedModel = z.infer<typeof listed>;

/** Some gateways answer with the list alone. */
const modelList = z.union([z.object({ data: z.array(z.unknown()) }).transform(({ data }) => data), z.array(z.unknown())]);

/** In the server's order. What is no model is passed over; none where the answer holds no list. */
export function readModelList(answer: unknown): ListedModel[] {
  return (modelList.safeParse(answer).data ?? []).flatMap((entry) => listed.safeParse(entry).data ?? []);
}

export function readVersion(answer: unknown): string {
  return readAnswer(z.object({ version: z.string() }), answer, "The server's version").version;
}
