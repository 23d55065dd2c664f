/** Asks the questions of a probe: few tries each, and a refusal is an answer too. */
import type { AccountBook } from '../transport/account.js';
import { readSpent } from '../dialects/answers/answer-schemas.js';
import type { EndpointClient, EndpointPath } from '../transport/endpoint-client.js';
import { EndpointError, type EndpointErrorKind } from '../transport/endpoint-error.js';
import { WITHOUT_THINKING } from '../dialects/generation/chat-logprobs.js';
import { endpointFailure } from '../endpoint-desk.js';
import type { ProbeLine } from '../endpoint-profile.js';
import type { RequestPool } from '../transport/request-pool.js';

const ATTEMPTS = 3;
/** Of what a server says of itself. */
const NAME_CHARACTERS = 80;
/** Of an answer in the table. */
const ANSWER_CHARACTERS = 300;
/** The server has no room now. */
const BUSY: ReadonlySet<EndpointErrorKind> = new Set(['rateLimited', 'overloaded']);
/** Says nothing of what the server can do: it may well answer the same question later. */
const PASSING: ReadonlySet<EndpointErrorKind> = new Set([...BUSY, 'timeout', 'connection']);
const FORBIDDEN = 403;

export type EndpointReply<T> = { readonly value: T } | { readonly refusal: EndpointError };

export interface QuestionerOptions {
  readonly client: EndpointClient;
  readonly pool: RequestPool;
  readonly model: string;
  readonly signal: AbortSignal;
  /** Where the questions and their tokens are counted. */
  readonly account?: AccountBook | undefined;
  readonly onAnswer?: ((line: ProbeLine) => void) | undefined;
}

export interface QuestionOptions {
  /** That the server is busy is an answer to this question. */
  readonly mayBeBusy?: boolean;
}

export class Questioner {
  readonly lines: ProbeLine[] = [];
  /** Every turn is sent with the wish that the model does not think. */
  thinkingOff = false;

  constructor(private readonly options: QuestionerOptions) {}

  get model(): string {
    return this.options.model;
  }

  get host(): string {
    return this.options.client.host;
  }

  get signal(): AbortSignal {
    return this.options.signal;
  }

  /** @throws AuditError `keyRefused`, `endpointFailed`, `cancelled` */
  post<T>(path: EndpointPath, body: object, read: (answer: unknown) => T, options: QuestionOptions = {}): Promise<EndpointReply<T>> {
    const isEnd = (error: EndpointError): boolean => this.isEnd(error, path) && !(options.mayBeBusy === true && isBusyStatus(error));
    const thinking = this.thinkingOff && path === '/chat/completions' && WITHOUT_THINKING;
    return this.try((signal) => this.options.client.post(path, { model: this.options.model, ...thinking, ...body }, signal), read, isEnd);
  }

  /** @throws AuditError `keyRefused`, `endpointFailed`, `cancelled` */
  get<T>(path: EndpointPath, read: (answer: unknown) => T): Promise<EndpointReply<T>> {
    return this.try(
      (signal) => this.options.client.get(path, signal),
      read,
      (error) => this.isEnd(error, path),
    );
  }

  /** Writes an answer into the table. */
  note(question: string, answer: string, good: boolean | null, meaning: string): void {
    const line = { question, answer: this.options.client.show(answer, ANSWER_CHARACTERS), good, meaning };
    this.lines.push(line);
    this.options.onAnswer?.(line);
  }

  /** A name or version by which a server calls something, as people and journals may see it. */
  showName(name: string): string {
    return this.options.client.show(name, NAME_CHARACTERS);
  }

  fail(error: EndpointError): never {
    throw endpointFailure(error, this.options.client, this.model);
  }

  /**
   * Whether nothing can be learned after this. A key that may not do one thing (403) may well do others, and gateways say the
   * same of addresses that they do not have; those beside the base URL may also be somebody else's, or lead nowhere.
   */
  private isEnd({ kind, status }: EndpointError, path: EndpointPath): boolean {
    if (kind === 'unreachable' || (kind === 'keyRefused' && status !== FORBIDDEN)) return true;
    return typeof path === 'string' ? PASSING.has(kind) : kind === 'rateLimited';
  }

  private async try<T>(
    send: (signal: AbortSignal) => Promise<unknown>,
    read: (answer: unknown) => T,
    isEnd: (error: EndpointError) => boolean,
  ): Promise<EndpointReply<T>> {
    const { pool, signal, account } = this.options;
    let tries = 0;
    const attempt = async (attemptSignal: AbortSignal): Promise<T> => {
      if (tries++ > 0) account?.countRetried();
      const answer = await send(attemptSignal);
      const spent = readSpent(answer);
      if (spent !== null) account?.addTokens(spent.prompt ?? 0, spent.completion ?? 0);
      return read(answer);
    };
    account?.countAsked();
    try {
      const value = await pool.run(attempt, { signal, kind: 'probe', maxAttempts: ATTEMPTS });
      account?.countAnswered();
      return { value };
    } catch (error) {
      if (!(error instanceof EndpointError)) throw error;
      if (isEnd(error)) {
        account?.countGivenUp();
        this.fail(error);
      }
      account?.countAnswered();
      return { refusal: error };
    }
  }
}

export function isBusyStatus({ kind }: EndpointError): boolean {
  return BUSY.has(kind);
}

export function valueOf<T>(reply: EndpointReply<T>): T | null {
  return 'value' in reply ? reply.value : null;
}
