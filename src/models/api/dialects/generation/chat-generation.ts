/** Generation by turns of a conversation, which the server renders. */
import type { ChatMessage } from '../../../../audit/framing.js';
import { AuditError } from '../../../../audit/errors.js';
import type { Alternative, GeneratedCompletion, GenerateRequest, Piece, Position, PromptParts } from '../../../../audit/language-model.js';
import { readChatCompletion } from '../answers/chat-completion.js';
import type { GeneratedAnswer } from '../answers/generated-answer.js';
import type { Stops } from '../stops.js';
import { requireParts, textOfPieces } from '../text-prompt.js';
import { chatLogprobFields, WITHOUT_THINKING } from './chat-logprobs.js';
import { plainSampling } from './plain-sampling.js';
import { alternativesOf, completionOf } from './told-tokens.js';
import { withoutOpening } from './without-opening.js';
import { estimateTokens, seedField, type Generation, type GenerationContext } from './generation.js';

export class ChatGeneration implements Generation {
  constructor(private readonly context: GenerationContext) {}

  generate({ id, parts, maxTokens, temperature, seed }: GenerateRequest, stops: Stops): Promise<GeneratedCompletion> {
    const { messages, opened } = this.turnsOf(requireParts(parts), []);
    const fields = { temperature, ...this.logprobFields(1), ...seedField(this.context, seed) };
    return this.complete(messages, opened, fields, maxTokens, (answer) => completionOf(id, answer, maxTokens), stops);
  }

  /** @throws AuditError `cannotGenerate` within a completion, where the server cannot continue a turn */
  alternatives({ parts, completion = [] }: Position, count: number, signal: AbortSignal): Promise<Alternative[]> {
    if (completion.length > 0 && this.context.profile.continuesTurn === null) {
      throw new AuditError(
        'cannotGenerate',
        `${this.context.model} cannot continue an assistant's turn, so that alternatives are known at the beginning of a completion only.`,
      );
    }
    const { messages, opened } = this.turnsOf(requireParts(parts), completion);
    const fields = { temperature: 0, ...this.logprobFields(count) };
    return this.complete(messages, opened, fields, 1, (answer) => alternativesOf(answer, count, this.context.profile.spelling), { signal });
  }

  private logprobFields(alternatives: number): object {
    const { chatLogprobs, chatLogprobsAs } = this.context.profile;
    return chatLogprobFields(chatLogprobsAs, Math.min(alternatives, chatLogprobs ?? 0));
  }

  /** The conversation up to the completion, and what the assistant's turn was opened with. */
  private turnsOf({ frame, prefill }: PromptParts, completion: readonly Piece[]): { messages: readonly ChatMessage[]; opened: string } {
    const turns = frame.turns;
    if (turns === undefined || turns.length === 0) {
      throw new AuditError(
        'badPlan',
        `The ${frame.framing} framing of this audit has no turns that ${this.context.model} could be sent. Start the audit again.`,
      );
    }
    const given = textOfPieces(prefill);
    const said = textOfPieces(completion);
    const last = turns.at(-1)!;
    const messages = frame.framing === 'ask' ? [...turns.slice(0, -1), { ...last, content: last.content + given }] : turns;
    const opened = frame.framing === 'ask' ? said : given + said;
    return { messages: opened === '' ? messages : [...messages, { role: 'assistant', content: opened }], opened };
  }

  private async complete<T>(
    messages: readonly ChatMessage[],
    opened: string,
    fields: object,
    maxTokens: number,
    use: (answer: GeneratedAnswer) => T,
    stops: Stops,
  ): Promise<T> {
    const { model, profile, desk } = this.context;
    const isContinued = opened !== '' && profile.continuesTurn === 'continueFinalMessage';
    const answer = await desk.spend(
      {
        path: '/chat/completions',
        body: {
          model,
          messages,
          ...plainSampling(profile, 'chat'),
          [profile.maxTokensField]: maxTokens,
          ...fields,
          ...(isContinued && { continue_final_message: true, add_generation_prompt: false }),
          ...(profile.thinkingOff === true && WITHOUT_THINKING),
        },
        kind: 'generate',
        promptTokens: messages.reduce((total, { content }) => total + estimateTokens(content) + TOKENS_PER_TURN, TOKENS_PER_TURN),
        maxTokens,
        read: (given) => {
          const read = readChatCompletion(given);
          return { ...read, used: use(withoutOpening(read, opened, profile.repeatsOpening)) };
        },
      },
      stops,
    );
    return answer.used;
  }
}

/** What a template writes around a turn, for the budget. */
const TOKENS_PER_TURN = 8;
