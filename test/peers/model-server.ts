/**
 * A real HTTP server around this project's own engine that speaks one of the dialects of OpenAI-like servers, for tests of
 * whatever asks such servers. Nothing is made up but the forms: tokens and logprobs are the model's.
 */
import { existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isCancelled } from '../../src/audit/errors.js';
import type { GgufSource } from '../../src/audit/plan.js';
import { LocalModels } from '../../src/models/local/local-models.js';
import type { ModelProvider } from '../../src/models/provider.js';
import type { DialectOptions, Quirk } from './dialect-options.js';
import { createOpenaiLegacyDialect } from './dialect-openai-legacy.js';
import { createOpenaiDialect } from './dialect-openai.js';
import { createVllmDialect } from './dialect-vllm.js';
import { readTemplateFacts } from './gguf-facts.js';
import { Refusal, type Answer, type Dialect, type Fields } from './http-answers.js';
import { ServedModel, type ServedModels } from './served-model.js';

export type DialectName = 'vllm' | 'openai' | 'openaiLegacy';

export interface ModelServerOptions {
  /** By the names that clients ask for; the first is the base that adapters over the same file belong to. */
  readonly models: Readonly<Record<string, GgufSource>>;
  readonly dialect: DialectName;
  readonly quirks?: readonly Quirk[];
  /** Asked of every request to a guarded path; without it no key is needed. */
  readonly apiKey?: string;
  /** Names that answers give in place of those asked for, e.g. a dated version of a model. */
  readonly servedAs?: Readonly<Record<string, string>>;
  /** Tokens of context per request: prompt and completion. 256, which the demo models were trained for. */
  readonly contextTokens?: number;
  /**
   * Requests that are computed together at most. 1, so that no answer depends on its company; more is faster, and last
   * digits then vary as they do on real servers.
   */
  readonly waveSize?: number;
  /** Alternatives per token at most: 20 in vLLM, 5 in OpenAI's legacy completions. */
  readonly maxLogprobs?: number;
  /** A provider that the caller owns. Without it the server starts its own model process, from `dist/model-process.mjs`. */
  readonly provider?: ModelProvider;
}

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** Parsed; `undefined` where there was none or where it was no JSON. */
  readonly body: unknown;
}

export interface ModelServer {
  /** Base URL as clients take it, ending in `/v1`. */
  readonly url: string;
  /** The same without `/v1`. */
  readonly origin: string;
  /** In the order in which they came. */
  readonly requests: readonly RecordedRequest[];
  /** Requests whose client hung up before they were answered. */
  readonly aborted: number;
  /** Hangs up on everyone and ends the model process that the server started. */
  close(): Promise<void>;
}

const DIALECTS: Readonly<Record<DialectName, (models: ServedModels, options: DialectOptions) => Dialect>> = {
  vllm: createVllmDialect,
  openai: createOpenaiDialect,
  openaiLegacy: createOpenaiLegacyDialect,
};

export async function startModelServer(options: ModelServerOptions): Promise<ModelServer> {
  const own = options.provider === undefined ? startOwnProvider() : undefined;
  const models = new Map<string, ServedModel>();
  const freeModels = async (): Promise<void> => {
    for (const model of models.values()) model.release();
    await own?.dispose();
  };
  try {
    for (const name of Object.keys(options.models)) models.set(name, await openModel(options, name, own ?? options.provider!));
    const dialect = DIALECTS[options.dialect](models, {
      quirks: new Set(options.quirks),
      maxLogprobs: options.maxLogprobs ?? (options.dialect === 'openaiLegacy' ? 5 : 20),
    });
    return await listen(new RequestDesk(dialect, options.apiKey), freeModels);
  } catch (error) {
    await freeModels();
    throw error;
  }
}

function startOwnProvider(): LocalModels {
  const processPath = resolve('dist/model-process.mjs');
  if (!existsSync(processPath)) throw new Error('There is no dist/model-process.mjs. Run `npm run build`, or give the server a provider.');
  return new LocalModels({ processPath, downloadFolder: join(tmpdir(), 'finetune-auditor-models'), threads: 0, gpu: 'off', idleMs: 60_000 });
}

async function openModel(options: ModelServerOptions, name: string, provider: ModelProvider): Promise<ServedModel> {
  const { models, servedAs = {}, contextTokens = 256, waveSize = 1 } = options;
  const source = models[name]!;
  const signal = new AbortController().signal;
  const base = Object.entries(models).find(([, other]) => other.gguf === source.gguf && other.lora.length === 0)?.[0] ?? Object.keys(models)[0]!;
  const facts = {
    ...(await readTemplateFacts(source.gguf)),
    name,
    servedAs: servedAs[name] ?? name,
    root: source.lora[0]?.path ?? source.gguf,
    parent: source.lora.length > 0 && base !== name ? base : undefined,
    contextTokens,
  };
  const lease = await provider.open(source, { waveSize, contextTokens, allowDownload: false }, signal);
  return ServedModel.create(facts, lease, waveSize, signal);
}

async function listen(desk: RequestDesk, freeModels: () => Promise<void>): Promise<ModelServer> {
  const server: Server = createServer((request, response) => void desk.answer(request, response));
  await new Promise<void>((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}/v1`,
    origin,
    requests: desk.requests,
    get aborted() {
      return desk.aborted;
    },
    close: async () => {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
      await desk.settled();
      await freeModels();
    },
  };
}

class RequestDesk {
  readonly requests: RecordedRequest[] = [];
  aborted = 0;
  private readonly underWay = new Set<Promise<void>>();

  constructor(
    private readonly dialect: Dialect,
    private readonly apiKey: string | undefined,
  ) {}

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const work = this.work(request, response);
    this.underWay.add(work);
    await work.finally(() => this.underWay.delete(work));
  }

  async settled(): Promise<void> {
    await Promise.all(this.underWay);
  }

  private async work(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const client = new AbortController();
    response.once('close', () => {
      if (response.writableFinished) return;
      this.aborted++;
      client.abort();
    });
    const method = request.method ?? 'GET';
    const path = (request.url ?? '/').replace(/\?.*$/, '');
    try {
      const text = await readAll(request);
      const body = parseJson(text);
      this.requests.push({ method, path, headers: request.headers, body });
      send(response, await this.decide({ method, path, headers: request.headers, signal: client.signal }, text, body), this.dialect.headers?.());
    } catch (error) {
      if (client.signal.aborted || isCancelled(error)) response.destroy();
      else send(response, this.dialect.refuse(toRefusal(error)), this.dialect.headers?.());
    }
  }

  private async decide(
    call: { method: string; path: string; headers: IncomingMessage['headers']; signal: AbortSignal },
    text: string,
    body: unknown,
  ): Promise<Answer> {
    const { method, path, headers } = call;
    if (this.apiKey !== undefined && this.dialect.guards(path)) {
      const given = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
      if (given !== this.apiKey) return this.dialect.refuseKey(given);
    }
    const handler = this.dialect.routes.get(`${method} ${path}`);
    if (handler === undefined) return this.dialect.notFound(method, path);
    if (text !== '' && (typeof body !== 'object' || body === null || Array.isArray(body))) {
      throw new Refusal(400, 'The body of the request is no JSON object.');
    }
    return handler({ ...call, body: (body ?? {}) as Fields });
  }
}

async function readAll(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function toRefusal(error: unknown): Refusal {
  return error instanceof Refusal ? error : new Refusal(500, error instanceof Error ? error.message : String(error));
}

function send(response: ServerResponse, { status, headers, body }: Answer, always: Readonly<Record<string, string>> = {}): void {
  const content = typeof body === 'string' ? body : JSON.stringify(body);
  const type = typeof body === 'string' ? 'text/plain' : 'application/json';
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(content), ...always, ...headers });
  response.end(content);
}
