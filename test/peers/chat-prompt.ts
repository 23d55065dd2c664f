/**
 * Renders a conversation with a model's own chat template, as servers do that get turns and not ids. The continuation of
 * a last turn is what Hugging Face transformers documents for `continue_final_message`: the rendered conversation is cut
 * after that turn's own text.
 */
import { Template } from '@huggingface/jinja';
import { Refusal, type Fields } from './http-answers.js';

export interface Message {
  readonly role: string;
  readonly content: string;
}

export interface ChatTemplate {
  /** Jinja; `undefined` where the model has none. */
  readonly source: string | undefined;
  readonly bosText: string;
  readonly eosText: string;
}

export interface RenderOptions {
  readonly addGenerationPrompt: boolean;
  readonly continueFinalMessage: boolean;
  /** Further variables of the template. */
  readonly variables?: Fields;
}

/** The messages of a request; parts of a content are joined, and only text is known. */
export function readMessages(value: unknown): Message[] {
  if (!Array.isArray(value) || value.length === 0) throw new Refusal(400, '`messages` must be a list of at least one message.', { param: 'messages' });
  return value.map((message: unknown, i) => {
    const { role, content } = (message ?? {}) as { role?: unknown; content?: unknown };
    if (typeof role !== 'string') throw new Refusal(400, `Message ${i} has no role.`, { param: `messages[${i}].role` });
    return { role, content: readContent(content, i) };
  });
}

function readContent(content: unknown, i: number): string {
  if (typeof content === 'string') return content;
  const param = `messages[${i}].content`;
  if (!Array.isArray(content)) throw new Refusal(400, `Message ${i} has no text.`, { param });
  return content
    .map((part: { type?: unknown; text?: unknown } | null) => {
      if (part?.type !== 'text' || typeof part.text !== 'string') throw new Refusal(400, `Message ${i} has a part that is no text.`, { param });
      return part.text;
    })
    .join('');
}

export function renderMessages(template: ChatTemplate, messages: readonly Message[], options: RenderOptions): string {
  const { addGenerationPrompt, continueFinalMessage, variables = {} } = options;
  if (template.source === undefined) throw new Refusal(400, 'This model has no chat template.');
  if (addGenerationPrompt && continueFinalMessage) {
    throw new Refusal(400, 'Cannot set both `continue_final_message` and `add_generation_prompt` to True.');
  }
  let rendered: string;
  try {
    rendered = new Template(template.source).render({
      ...variables,
      messages,
      add_generation_prompt: addGenerationPrompt,
      bos_token: template.bosText,
      eos_token: template.eosText,
    });
  } catch (error) {
    throw new Refusal(400, `The chat template refused the messages: ${error instanceof Error ? error.message : String(error)}`);
  }
  return continueFinalMessage ? cutAfter(rendered, messages.at(-1)!.content) : rendered;
}

/** A template that trims a turn's text loses its last blanks also where the turn is continued. */
function cutAfter(rendered: string, content: string): string {
  const trimmed = content.trim();
  const at = rendered.lastIndexOf(trimmed);
  if (at < 0) throw new Refusal(400, 'continue_final_message is set, but the final message is not in the rendered chat.');
  const whole = content.trimStart();
  return rendered.slice(0, at) + (rendered.startsWith(whole, at) ? whole : trimmed);
}
