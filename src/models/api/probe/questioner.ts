/** Asks the questions of a probe: few tries each, and a refusal is an answer too. */
import type { EndpointClient, EndpointPath } from '../endpoint-client.js';
import { EndpointError } from '../endpoint-error.js';
import { endpointFailure } from '../endpoint-desk.js';
import type { ProbeLine } from '../endpoint-profile.js';
import type { RequestPool } from '../request-pool.js';

const ATTEMPTS = 3;

export type Reply<T> = { readonly value: T } | { readonly refusal: EndpointError };

export interface QuestionerOptions {
  readonly client: EndpointClient;
  readonly pool: RequestPool;
  readonly model: string;
  readonly signal: AbortSignal;
  readonly onAnswer?: ((line: ProbeLine) => void) | undefined;
}

export class Questioner {
  readonly lines: ProbeLine[] = [];

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

  /** @throws AuditError `keyRefused`, `cancelled` */
  post<T>(path: EndpointPath, body: object, read: (answer: unknown) => T): Promise<Reply<T>> {
    return this.try((signal) => this.options.client.post(path, { model: this.options.model, ...body }, signal), read);
  }

  /** @throws AuditError `keyRefused`, `cancelled` */
  get<T>(path: EndpointPath, read: (answer: unknown) => T): Promise<Reply<T>> {
    return this.try((signal) => this.options.client.get(path, signal), read);
  }

  /** Writes an answer into the table. */
  note(question: string, answer: string, good: boolean | null, meaning: string): void {
    const line = { question, answer, good, meaning };
    this.lines.push(line);
    this.options.onAnswer?.(line);
  }

  fail(error: EndpointError): never {
    throw endpointFailure(error, this.host, this.model);
  }

  private async try<T>(send: (signal: AbortSignal) => Promise<unknown>, read: (answer: unknown) => T): Promise<Reply<T>> {
    const { pool, signal } = this.options;
    try {
      return { value: await pool.run(async (attempt) => read(await send(attempt)), { signal, kind: 'probe', maxAttempts: ATTEMPTS }) };
    } catch (error) {
      if (!(error instanceof EndpointError)) throw error;
      if (error.kind === 'keyRefused') this.fail(error);
      return { refusal: error };
    }
  }
}

export function valueOf<T>(reply: Reply<T>): T | null {
  return 'value' in reply ? reply.value : null;
}
