/** A model behind an OpenAI-compatible server that writes an answer, as any chat does. */
import { z } from 'zod';
import { AuditError } from '../../audit/errors.js';
import { formatEndpoint, type EndpointSource } from '../../audit/plan.js';
import { badAnswer, readAnswer } from './dialects/answers/bad-answer.js';
import { resolveAccess, type AccessOptions } from './transport/endpoint-access.js';
import { EndpointClient } from './transport/endpoint-client.js';
import { endpointFailure } from './endpoint-desk.js';
import { EndpointError } from './transport/endpoint-error.js';
import { RequestPool } from './transport/request-pool.js';

export interface ChatTurn {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

export interface ChatDrafterOptions extends AccessOptions {
  readonly forbidNetwork: () => boolean;
  /** Milliseconds for one request, answer included. */
  readonly timeoutMs: number;
}

const MAX_TOKENS = 2000;
/** Somebody waits for it. */
const ATTEMPTS = 3;

const answerSchema = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }), finish_reason: z.string().nullish() })),
});

export class ChatDrafter {
  /** Host and port that everything is sent to. */
  readonly host: string;
  readonly #pool: RequestPool;

  private constructor(
    private readonly client: EndpointClient,
    private readonly source: EndpointSource,
    private readonly hasKey: boolean,
  ) {
    this.host = client.host;
    this.#pool = new RequestPool({ host: client.host, maxConcurrency: 1 });
  }

  /** @throws AuditError `networkForbidden`, `keyMissing`, `badPlan` */
  static async open(source: EndpointSource, options: ChatDrafterOptions): Promise<ChatDrafter> {
    if (options.forbidNetwork()) {
      throw new AuditError(
        'networkForbidden',
        `${new URL(source.endpoint).host} may not be asked: the setting finetuneAuditor.forbidNetwork forbids the network. Change it, or write the conclusion yourself.`,
      );
    }
    const { apiKey, headers, secrets } = await resolveAccess(source, options);
    const client = new EndpointClient({
      baseUrl: source.endpoint,
      apiKey,
      headers,
      secrets,
      timeoutMs: options.timeoutMs,
      forbidNetwork: options.forbidNetwork,
    });
    return new ChatDrafter(client, source, apiKey !== undefined);
  }

  get name(): string {
    return formatEndpoint(this.source);
  }

  /**
   * The answer to a conversation.
   * @throws AuditError `keyRefused`, `keyMissing`, `modelNotServed`, `endpointFailed`, `cancelled`
   */
  async write(messages: readonly ChatTurn[], signal: AbortSignal): Promise<string> {
    try {
      return await this.#ask({ messages, temperature: 0, max_tokens: MAX_TOKENS }, signal);
    } catch (error) {
      if (!(error instanceof EndpointError)) throw error;
      if (error.kind !== 'badRequest') throw this.#describe(error);
    }
    // Models that think before they answer take neither of the two, and count their thoughts.
    try {
      return await this.#ask({ messages, max_completion_tokens: 4 * MAX_TOKENS }, signal);
    } catch (error) {
      throw this.#describe(error);
    }
  }

  #ask(fields: object, signal: AbortSignal): Promise<string> {
    const body = { model: this.source.model, ...fields };
    return this.#pool.run(async (attempt) => readText(await this.client.post('/chat/completions', body, attempt)), { signal, maxAttempts: ATTEMPTS });
  }

  #describe(error: unknown): unknown {
    if (!(error instanceof EndpointError)) return error;
    if (error.kind === 'keyRefused' && !this.hasKey) {
      return new AuditError('keyMissing', `${this.host} asks for a key, and none is stored for it. Store one, then try again.`, { cause: error });
    }
    return endpointFailure(error, this.client, this.source.model);
  }
}

function readText(answer: unknown): string {
  const [choice] = readAnswer(answerSchema, answer, 'The answer').choices;
  if (!choice) throw badAnswer('The answer is empty (no choices)');
  // Some servers leave a model's thoughts before its answer.
  const text = (choice.message.content ?? choice.message.refusal ?? '').replace(/^\s*<think>[\s\S]*?(<\/think>|$)/, '').trim();
  if (text === '') throw badAnswer(choice.finish_reason === 'length' ? 'The model came to no answer before its limit of tokens' : 'The answer has no text');
  return text;
}
