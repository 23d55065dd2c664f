/** Generation by text completions that take and return text. The server decides what ends a completion, also in a raw text. */
import type { Alternative, GeneratedCompletion, GenerateRequest, Position } from '../../../../audit/language-model.js';
import { readTextCompletion } from '../answers/text-completion.js';
import type { Stops } from '../stops.js';
import { textBefore } from '../text-prompt.js';
import { plainSampling } from './plain-sampling.js';
import { completionOf, alternativesOf } from './told-tokens.js';
import { estimateTokens, seedField, type Generation, type GenerationContext } from './generation.js';

export class TextGeneration implements Generation {
  constructor(private readonly context: GenerationContext) {}

  generate({ id, parts, maxTokens, temperature, seed }: GenerateRequest, stops: Stops): Promise<GeneratedCompletion> {
    const prompt = textBefore(parts);
    const fields = { max_tokens: maxTokens, temperature, logprobs: 1, ...seedField(this.context, seed) };
    return this.complete(prompt, fields, (answer) => completionOf(id, answer, maxTokens), stops);
  }

  alternatives({ parts, completion = [] }: Position, count: number, signal: AbortSignal): Promise<Alternative[]> {
    // Where none are named, 0 would ask for no logprobs at all at some servers.
    const logprobs = Math.max(1, Math.min(count, this.context.profile.textLogprobs ?? 1));
    const fields = { max_tokens: 1, temperature: 0, logprobs };
    return this.complete(textBefore(parts, completion), fields, (answer) => alternativesOf(answer, count, this.context.profile.spelling), { signal });
  }

  private async complete<T>(
    prompt: string,
    fields: { max_tokens: number },
    use: (answer: ReturnType<typeof readTextCompletion>) => T,
    stops: Stops,
  ): Promise<T> {
    const { model, profile, desk } = this.context;
    const answer = await desk.spend(
      {
        path: '/completions',
        body: { model, prompt, ...plainSampling(profile, 'text'), ...fields },
        kind: 'generate',
        promptTokens: estimateTokens(prompt),
        maxTokens: fields.max_tokens,
        read: (given) => {
          const read = readTextCompletion(given);
          return { ...read, used: use(read) };
        },
      },
      stops,
    );
    return answer.used;
  }
}
