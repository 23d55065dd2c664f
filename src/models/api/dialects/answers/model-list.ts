/** Answers of `/models`, and vLLM's `/version`. */
import { z } from 'zod';
import { size } from './answer-schemas.js';
import { readAnswer } from './bad-answer.js';
import { checkShape } from '../../../../text/check-shape.js';

const listed = z.object({
  id: z.string().min(1),
  aliases: z.array(z.string()).nullish(),
  /** Of an adapter, the model that it sits on; vLLM's. */
  parent: z.string().nullish(),
  owned_by: z.string().nullish(),
  max_model_len: size,
  context_length: size,
  /** llama.cpp's. */
  meta: z.object({ n_vocab: size, n_ctx: size, n_ctx_train: size }).nullish().catch(null),
});

export type ListedModel = z.infer<typeof listed>;

/** Some gateways answer with the list alone. */
const modelList = z.union([z.object({ data: z.array(z.unknown()) }).transform(({ data }) => data), z.array(z.unknown())]);

/** In the server's order. What is no model is passed over; none where the answer holds no list. */
export function readModelList(answer: unknown): ListedModel[] {
  return (checkShape(modelList, answer).data ?? []).flatMap((entry) => checkShape(listed, entry).data ?? []);
}

export function readVersion(answer: unknown): string {
  return readAnswer(z.object({ version: z.string() }), answer, "The server's version").version;
}
