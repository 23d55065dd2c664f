/** Sends one request to an OpenAI-compatible server and says what came of it. */
import { OpenAI } from 'openai';
import { AuditError, throwIfCancelled } from '../../../audit/errors.js';
import { boundAnswer, findExcess, findOverload, REFUSAL_BYTES, type AnswerBound } from './answer-bound.js';
import { formatDuration } from '../../../text/numbers.js';
import { readRetryAfter } from './backoff.js';
import { judgeConnection } from './connection-trouble.js';
import { describeFailedAnswer, makeShowable, findHiddenError } from './describe-failure.js';
import { EndpointError, type EndpointErrorDetails, type EndpointErrorKind } from './endpoint-error.js';
import { BrokenRequest, sendRequest, type ReceivedAnswer } from './send-request.js';

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
  readonly #options: EndpointClientOptions;
  readonly #base: URL;
  readonly #headers: Headers;
  readonly #secrets: readonly string[];
  readonly #timeoutMs: number;
  readonly #forbidNetwork: () => boolean;
  readonly #client: OpenAI;
  readonly #answered: Set<string>;
  /** What came, by the empty answers that the package is given in its place: it would read, copy and quote what is hostile. */
  readonly #received = new WeakMap<Response, Received>();

  /** @throws AuditError `badPlan` where the address, the key or a header cannot be sent */
  constructor(options: EndpointClientOptions) {
    this.#options = options;
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

  /** The address ends in the version of an API, as most do: `/v1`. */
  get namesVersion(): boolean {
    return /\/v\d+\w*\/?$/.test(this.#base.pathname);
  }

  /** The same server, key and limits, at a path below the address. */
  beneath(path: string): EndpointClient {
    return new EndpointClient({ ...this.#options, baseUrl: this.#base.href.replace(/\/$/, '') + path });
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
      return this.#read(this.#received.get(response)!);
    } catch (error) {
      throwIfCancelled(signal);
      if (error instanceof EndpointError) throw error;
      if (controller.signal.aborted) {
        throw this.#failure('timeout', `${this.host} gave no whole answer within ${formatDuration((performance.now() - begunAt) / 1000)}`, { mayCost: true });
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
    const bound = body === undefined ? boundAnswer(undefined, 0) : boundAnswer(JSON.parse(body) as object, Buffer.byteLength(body));
    const mostBytes = (isSuccess: boolean): number => (isSuccess ? bound.bytes : REFUSAL_BYTES);
    const answer = await sendRequest(new URL(String(address)), { method: init.method ?? 'GET', headers, body, signal: init.signal ?? undefined, mostBytes });
    this.#answered.add(this.host);
    const response = new Response();
    this.#received.set(response, { ...answer, bound });
    return response;
  }

  #read({ status, headers, text, isCut, bound }: Received): unknown {
    const isSuccess = status >= 200 && status < 300;
    if (!isSuccess) {
      throw describeFailedAnswer({ status, body: text, location: headers.get('location'), retryAfterMs: readRetryAfter(headers) }, this.#speaker);
    }
    if (isCut) {
      throw this.#failure('badAnswer', `${this.host} answered with more than ${formatMegabytes(bound.bytes)}, far more than what was asked for can take`, {
        status,
        mayCost: true,
      });
    }
    const encoding = headers.get('content-encoding')?.trim() ?? '';
    if (!/^(identity)?$/i.test(encoding)) {
      throw this.#failure('badAnswer', `${this.host} answered in the encoding “${makeShowable(encoding, this.#secrets, 40)}” though none was asked for`, {
        status,
        mayCost: true,
      });
    }
    const overload = findOverload(text);
    if (overload !== undefined) {
      throw this.#failure('badAnswer', `${this.host} answered with ${overload}, far more than what was asked for can take`, { status, mayCost: true });
    }
    let answer: unknown;
    try {
      answer = JSON.parse(text);
    } catch {
      const begin = text.trim() === '' ? 'nothing' : `“${makeShowable(text, this.#secrets, 80)}”`;
      const [kind, why] = NO_NUMBER.test(text) ? (['badAnswer', ' (it contains NaN or Infinity)'] as const) : (['unreadable', ''] as const);
      throw this.#failure(kind, `${this.host} answered ${status} with something that is no JSON${why}: ${begin}`, { status, mayCost: true });
    }
    const hidden = findHiddenError(answer);
    if (hidden !== undefined) {
      const { status: hiddenStatus, error, isPart } = hidden;
      throw describeFailedAnswer({ status: hiddenStatus, body: { error }, retryAfterMs: readRetryAfter(headers), wasBegun: isPart }, this.#speaker);
    }
    const excess = findExcess(answer, bound);
    if (excess !== undefined) throw this.#failure('badAnswer', excess, { status, mayCost: true });
    return answer;
  }

  /** Only codes are taken from the raw error: its texts may quote what was sent. */
  #describe(error: unknown): EndpointError {
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

interface Received extends ReceivedAnswer {
  readonly bound: AnswerBound;
}

function formatMegabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`;
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
