/** Sends one request to an OpenAI-compatible server and says what came of it. */
import { APIError, OpenAI } from 'openai';
import { AuditError, throwIfCancelled } from '../../audit/errors.js';
import { formatDuration } from './account.js';
import { readRetryAfter } from './backoff.js';
import { judgeConnection } from './connection-trouble.js';
import { describeFailedAnswer, makeShowable, findHiddenError } from './describe-failure.js';
import { EndpointError, type EndpointErrorDetails, type EndpointErrorKind } from './endpoint-error.js';
import { BrokenRequest, sendRequest } from './send-request.js';

const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** What some servers write for a logprob that they could not compute; JSON has no such values. */
const NO_NUMBER = /[:[,]\s*-?(NaN|Infinity)\b/;

export interface EndpointClientOptions {
  /** E.g. `http://localhost:8000/v1`; without a query. */
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  /** Values as they are sent. */
  readonly headers: Readonly<Record<string, string>>;
  /** What no message may contain, beside the key: header values from environment variables. */
  readonly secrets: readonly string[];
  /** For one whole request, answer included. */
  readonly timeoutMs: number;
  /** Asked before each request. */
  readonly forbidNetwork?: () => boolean;
  /** Hosts with ports that have answered something; shared by all clients of one server. */
  readonly answered?: Set<string>;
}

/** Below the base URL (`/chat/completions`), or below the server's root, beside the base URL's trailing `/v1` (`/tokenize`). */
export type EndpointPath = string | { readonly fromRoot: string };

/**
 * What leaves this machine is what the options say and nothing else: the headers that the `openai` package puts together
 * (among them whatever OPENAI_CUSTOM_HEADERS, OPENAI_ORG_ID and the like say, and a description of this machine) are replaced
 * by our own, and it never gets to see the key. Redirects are not followed: one of the headers may be a key, and the other host
 * is not the one that it was given for. It tries each request once.
 */
export class EndpointClient {
  /** Host and port, for messages. */
  readonly host: string;
  readonly #base: URL;
  readonly #headers: Headers;
  readonly #secrets: readonly string[];
  readonly #timeoutMs: number;
  readonly #forbidNetwork: () => boolean;
  readonly #client: OpenAI;
  readonly #answered: Set<string>;
  /** Bodies of failed answers by their headers: the package keeps no more of them than their `error` field. */
  readonly #failedBodies = new WeakMap<Headers, string>();

  /** @throws AuditError `badPlan` where the address, the key or a header cannot be sent */
  constructor(options: EndpointClientOptions) {
    this.#base = parseBaseUrl(options.baseUrl);
    this.host = this.#base.host;
    const apiKey = options.apiKey?.trim();
    this.#headers = makeHeaders(options.headers, apiKey, this.host);
    this.#secrets = [...(apiKey ? [apiKey] : []), ...options.secrets];
    this.#forbidNetwork = options.forbidNetwork ?? (() => false);
    this.#answered = options.answered ?? new Set();
    this.#timeoutMs = Math.min(options.timeoutMs, LONGEST_TIMER_MS);
    this.#client = makeClient(this.#base.href, (address, init) => this.#send(address, init));
  }

  /**
   * The answer's JSON.
   * @throws EndpointError; AuditError `cancelled`, `networkForbidden`
   */
  async post(path: EndpointPath, body: object, signal: AbortSignal): Promise<unknown> {
    return this.#request('post', path, body, signal);
  }

  /**
   * The answer's JSON.
   * @throws EndpointError; AuditError `cancelled`, `networkForbidden`
   */
  async get(path: EndpointPath, signal: AbortSignal): Promise<unknown> {
    return this.#request('get', path, undefined, signal);
  }

  /** One line that people may see: without this server's secrets, at most `length` characters long. */
  show(text: string, length: number): string {
    return makeShowable(text, this.#secrets, length);
  }

  async #request(method: 'get' | 'post', path: EndpointPath, body: object | undefined, signal: AbortSignal): Promise<unknown> {
    throwIfCancelled(signal);
    if (this.#forbidNetwork()) throw networkForbidden(this.host);
    // One of its own for each request: the package does not take its listeners off a signal again.
    const controller = new AbortController();
    const abort = (): void => controller.abort();
    signal.addEventListener('abort', abort, { once: true });
    const begunAt = performance.now();
    // The package's own timer ends with the answer's headers.
    const timer = setTimeout(abort, this.#timeoutMs);
    try {
      const options = { signal: controller.signal, ...(body === undefined ? {} : { body }) };
      const response = await this.#client[method](this.#addressOf(path), options).asResponse();
      return this.#read(await response.text(), response);
    } catch (error) {
      throwIfCancelled(signal);
      if (error instanceof EndpointError) throw error;
      if (controller.signal.aborted) {
        throw this.#failure('timeout', `${this.host} gave no whole answer within ${formatDuration(performance.now() - begunAt)}`, { mayCost: true });
      }
      throw this.#describe(error);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    }
  }

  #addressOf(path: EndpointPath): string {
    const base = this.#base.href.replace(/\/$/, '');
    return typeof path === 'string' ? base + path : base.replace(/\/v1$/, '') + path.fromRoot;
  }

  async #send(address: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(this.#headers);
    const body = typeof init.body === 'string' ? init.body : undefined;
    if (body !== undefined) headers.set('content-type', 'application/json');
    const response = await sendRequest(new URL(String(address)), { method: init.method ?? 'GET', headers, body, signal: init.signal ?? undefined });
    this.#answered.add(this.host);
    if (!response.ok) this.#failedBodies.set(response.headers, await response.clone().text());
    return response;
  }

  #read(text: string, response: Response): unknown {
    let answer: unknown;
    try {
      answer = JSON.parse(text);
    } catch {
      const begin = text.trim() === '' ? 'nothing' : `“${makeShowable(text, this.#secrets, 80)}”`;
      const [kind, why] = NO_NUMBER.test(text) ? (['badAnswer', ' (it contains NaN or Infinity)'] as const) : (['unreadable', ''] as const);
      throw this.#failure(kind, `${this.host} answered ${response.status} with something that is no JSON${why}: ${begin}`, { status: response.status, mayCost: true });
    }
    const hidden = findHiddenError(answer);
    if (hidden === undefined) return answer;
    const { status, error, isPart } = hidden;
    throw describeFailedAnswer({ status, body: JSON.stringify({ error }), retryAfterMs: readRetryAfter(response.headers), wasBegun: isPart }, this.#speaker);
  }

  /** Only codes are taken from the raw error: its texts may quote what was sent. */
  #describe(error: unknown): EndpointError {
    if (error instanceof APIError && typeof error.status === 'number') {
      const headers = error.headers as Headers;
      return describeFailedAnswer(
        {
          status: error.status,
          body: this.#failedBodies.get(headers) ?? '',
          location: headers.get('location'),
          retryAfterMs: readRetryAfter(headers),
        },
        this.#speaker,
      );
    }
    const broken = findBroken(error);
    const told = broken?.code === undefined ? '' : ` (${broken.code})`;
    if (broken?.begun === true) return this.#failure('connection', `${this.host} broke off in the middle of its answer${told}`, { mayCost: true });
    const trouble = judgeConnection({ code: broken?.code, syscall: broken?.syscall }, this.#answered.has(this.host));
    if (trouble.kind === 'final') return this.#failure('unreachable', `${this.host} ${trouble.remedy}${told}`);
    return this.#failure('connection', `${this.host} could not be reached or hung up${told}`, { mayCost: trouble.sent });
  }

  get #speaker(): { host: string; secrets: readonly string[] } {
    return { host: this.host, secrets: this.#secrets };
  }

  #failure(kind: EndpointErrorKind, message: string, details: Pick<EndpointErrorDetails, 'status' | 'mayCost'> = {}): EndpointError {
    return new EndpointError({ kind, message: this.show(message, 300), ...details });
  }
}

function parseBaseUrl(baseUrl: string): URL {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new AuditError('badPlan', 'The address of an endpoint begins with http:// or https://, for example http://localhost:8000/v1.');
  }
  if (url.username !== '' || url.password !== '') {
    throw new AuditError('badPlan', `The address of the endpoint ${url.host} contains a user name or password. Give it a key or a header instead.`);
  }
  if (url.search !== '' || url.hash !== '') {
    throw new AuditError('badPlan', `The address of the endpoint ${url.host} has something behind a ? or #. Leave it away, or give it as a header.`);
  }
  return url;
}

export function networkForbidden(host: string): AuditError {
  return new AuditError(
    'networkForbidden',
    `${host} may not be asked: the setting finetuneAuditor.forbidNetwork (on the command line, --offline) forbids the network. Change it, or choose a file.`,
  );
}

/** Everything that the package would otherwise read from the environment is given. */
function makeClient(baseURL: string, send: typeof fetch): OpenAI {
  try {
    return new OpenAI({
      baseURL,
      // Never sent; the package insists on one.
      apiKey: 'unused',
      adminAPIKey: null,
      organization: null,
      project: null,
      webhookSecret: null,
      logLevel: 'off',
      maxRetries: 0,
      timeout: LONGEST_TIMER_MS,
      fetch: send,
    });
  } catch {
    // Its constructor reads this variable whatever it is given; the raw error may quote it.
    throw new AuditError('badPlan', 'The environment variable OPENAI_CUSTOM_HEADERS is malformed. Unset it; it is not used here.');
  }
}

function makeHeaders(given: Readonly<Record<string, string>>, apiKey: string | undefined, host: string): Headers {
  const headers = new Headers({ accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'finetune-auditor' });
  for (const [name, value] of [...(apiKey ? [['authorization', `Bearer ${apiKey}`] as const] : []), ...Object.entries(given)]) {
    try {
      headers.set(name, value);
    } catch {
      // The raw error quotes the value.
      const what = name === 'authorization' ? 'The key' : `The header “${makeShowable(name, [], 60)}”`;
      throw new AuditError('badPlan', `${what} for ${host} has characters that no header can have. Check it for line breaks and quotes.`);
    }
  }
  return headers;
}

/** As it was before the package wrapped it. */
function findBroken(error: unknown): BrokenRequest | undefined {
  for (let current = error; current instanceof Error; current = current.cause) if (current instanceof BrokenRequest) return current;
  return undefined;
}
