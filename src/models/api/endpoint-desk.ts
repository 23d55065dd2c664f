/** The one place through which all requests of a model go out: through the pool, on the account, within the budget. */
import { AuditError, isCancelled, type AuditErrorCode } from '../../audit/errors.js';
import type { SetAside } from '../../audit/language-model.js';
import type { AccountBook } from './transport/account.js';
import { readSpent } from './dialects/answers/answer-schemas.js';
import { badAnswer } from './dialects/answers/bad-answer.js';
import type { Usage } from './dialects/answers/generated-answer.js';
import type { EndpointClient, EndpointPath } from './transport/endpoint-client.js';
import { EndpointError } from './transport/endpoint-error.js';
import type { RequestPool } from './transport/request-pool.js';
import type { Stops } from './dialects/stops.js';
import type { TokenBudget } from './transport/token-budget.js';
import type { Ask } from './dialects/tokenizer/remote-tokenizer.js';

export interface DeskOptions {
  readonly client: EndpointClient;
  readonly pool: RequestPool;
  readonly account: AccountBook;
  readonly budget: TokenBudget;
  readonly model: string;
  /** The name in the server's answers as it is shown; `null` where it is not known or not told. */
  readonly servedAs: string | null;
  /** Called where the server turns out to be another than it was found to be. */
  readonly onDoubt?: () => void;
}

/** A request that tokens are spent on. */
export interface SpendingRequest<T> {
  readonly path: EndpointPath;
  readonly body: object;
  readonly kind: 'generate' | 'score';
  /** Tokens that it may need: prompt and completion. */
  readonly promptTokens: number;
  readonly maxTokens: number;
  readonly read: (answer: unknown) => T;
}

/** What every answer that tokens were spent on says. */
export interface SpendingAnswer {
  readonly model: string | null;
  /** Counted where the server counts nothing. */
  readonly tokens: readonly unknown[];
}

/** What an audit only asks of a server that was found to have it. */
const DOUBTFUL: ReadonlySet<AuditErrorCode> = new Set(['modelNotServed', 'cannotScore', 'cannotGenerate']);
/** So many requests in a row without an answer point to the server, not to single completions. */
const SET_ASIDE_AT_MOST = 20;
/** Of a name that a server gives. */
const NAME_CHARACTERS = 80;
/** Of a reason in a journal. */
const REASON_CHARACTERS = 300;

export class EndpointDesk {
  private setAsideInARow = 0;

  constructor(private readonly options: DeskOptions) {}

  /** A question about the model; nothing is spent on it. */
  readonly ask: Ask = async (path, body, read, signal, maxAttempts) => {
    const { client, pool, account } = this.options;
    return pool.run(async (attempt) => read(await client.post(path, body, attempt)), {
      signal,
      account,
      kind: 'ask',
      isFollowUp: true,
      ...(maxAttempts !== undefined && { maxAttempts }),
    });
  };

  /** @throws EndpointError; AuditError `spendingLimit`, `endpointFailed`, `networkForbidden`, `cancelled` */
  async spend<T extends SpendingAnswer>({ path, body, kind, promptTokens, maxTokens, read }: SpendingRequest<T>, stops: Stops): Promise<T> {
    const { client, pool, account, budget } = this.options;
    // What the budget refuses is no request.
    budget.settle(budget.reserve(promptTokens + maxTokens), 0);
    const attempt = async (attemptSignal: AbortSignal): Promise<T> => {
      const reservation = budget.reserve(promptTokens + maxTokens);
      let spent: Usage = { prompt: 0, completion: 0 };
      try {
        const answer = await client.post(path, body, attemptSignal);
        const told = readSpent(answer);
        // What cannot be read has been paid for all the same.
        spent = { prompt: told?.prompt ?? promptTokens, completion: told?.completion ?? maxTokens };
        const value = read(answer);
        // No fewer than there are to be seen, whatever it says.
        const seen = Math.min(maxTokens, value.tokens.length);
        spent = { prompt: spent.prompt, completion: Math.max(told?.completion ?? 0, seen) };
        this.checkModel(value.model);
        return value;
      } catch (error) {
        const mayCost = isCancelled(error) || (error instanceof EndpointError && error.mayCost);
        if (mayCost) spent = { prompt: promptTokens, completion: isCancelled(error) ? 0 : maxTokens };
        throw error;
      } finally {
        budget.settle(reservation, spent.prompt + spent.completion);
        account.addTokens(spent.prompt, spent.completion);
      }
    };
    return pool.run(attempt, { ...stops, account, kind });
  }

  private checkModel(model: string | null): void {
    const { servedAs, client } = this.options;
    const shown = model === null ? null : client.show(model, NAME_CHARACTERS);
    if (servedAs === null || shown === null || shown === servedAs) return;
    this.options.onDoubt?.();
    throw badAnswer(`The answer is from another model, ${shown}, where ${servedAs} was expected`);
  }

  noteAnswered(): void {
    this.setAsideInARow = 0;
  }

  /**
   * What becomes of a completion whose request failed.
   * @throws AuditError where the failure is not this completion's alone
   */
  setAside(id: number, error: unknown): SetAside {
    this.noteDoubt(error);
    if (!(error instanceof EndpointError)) throw error;
    if (error.kind === 'keyRefused' || error.kind === 'notFound' || error.kind === 'unreachable') throw this.toAuditError(error);
    if (++this.setAsideInARow >= SET_ASIDE_AT_MOST) {
      throw new AuditError(
        'endpointFailed',
        `${this.options.client.host} gave no usable answer to ${this.setAsideInARow} requests in a row. The last failure: ${this.options.client.show(error.message, REASON_CHARACTERS).replace(/\.$/, '')}. What was measured is kept; resume the audit when the server answers as it should.`,
        { cause: error },
      );
    }
    return { id, setAside: this.options.client.show(error.message, REASON_CHARACTERS) };
  }

  /** For questions that nothing goes on without. */
  toAuditError(error: unknown): unknown {
    this.noteDoubt(error);
    return error instanceof EndpointError ? endpointFailure(error, this.options.client, this.options.model) : error;
  }

  private noteDoubt(error: unknown): void {
    const isDoubtful = error instanceof EndpointError ? error.kind === 'notFound' : error instanceof AuditError && DOUBTFUL.has(error.code);
    if (isDoubtful) this.options.onDoubt?.();
  }
}

export function endpointFailure(error: EndpointError, client: Pick<EndpointClient, 'host' | 'show'>, model: string): AuditError {
  // What an answer's reader found may quote the answer.
  const said = client.show(error.message, REASON_CHARACTERS).replace(/\.$/, '');
  if (error.kind === 'keyRefused') {
    return new AuditError('keyRefused', `${said}. Check the key for ${client.host}: whether it is the right one, still valid, and has credit left.`, {
      cause: error,
    });
  }
  if (error.kind === 'notFound') {
    return new AuditError('modelNotServed', `${said}. Check the base URL and the model's name, ${model}.`, { cause: error });
  }
  if (error.kind === 'unreachable') return new AuditError('endpointFailed', `${said}.`, { cause: error });
  return new AuditError('endpointFailed', `${said}. Check that the server runs and offers what is asked of it.`, { cause: error });
}
