/**
 * A small server that answers in forms that people met in the field. Its text is always the same and its logprobs are made up, but
 * as a model's would be: one of each byte behind all bytes before it, so that every way of cutting a text gives the same sums.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type FieldMode =
  | 'plain'
  /** Tokens of text completions are named as a SentencePiece vocabulary spells them, `▁anno`, or byte by byte, `Ġanno`. */
  | 'spelledSentencePiece'
  | 'spelledBytes'
  /** Text completions are wrapped in a turn of a conversation. */
  | 'templated'
  /** Logprobs of given text that contradict those of the same text as it was generated. */
  | 'contradicts'
  /** Those of the token before. */
  | 'shifted'
  /** SGLang with a model that thinks unless it is told not to; the same without saying what it is; and one that cannot be told. */
  | 'sglangThinks'
  | 'thinks'
  | 'thinksAlways'
  /** Turns only; bytes of a half character are those of what replaces it. */
  | 'ollama'
  | 'echoIgnored'
  | 'echoNull'
  /** Every third given token has −100. */
  | 'clip100'
  /** A logprob above 0. */
  | 'positive'
  /** A content filter refuses some prompts with a status. */
  | 'azureFilter'
  /** Only the addresses below `/v1`. */
  | 'strict'
  /** The same, with a key that it refuses. */
  | 'strictRefuses'
  /** At the root another form of text completions, as llama.cpp's server has it. */
  | 'nativeRoot';

export interface FieldServer {
  /** Ends in `/v1`. */
  readonly url: string;
  readonly origin: string;
  readonly requests: readonly { readonly path: string; readonly body: Fields }[];
  close(): Promise<void>;
}

type Fields = Record<string, unknown>;

interface Turn {
  readonly role: string;
  readonly content: string;
}

export const FIELD_MODEL = 'm';
const llama = Buffer.from('🦙');
/** What is generated: a character in two halves among it. */
const WRITTEN = [
  ' The',
  ' keeper',
  ' of',
  ' wörld',
  Buffer.concat([Buffer.from(' '), llama.subarray(0, 2)]),
  llama.subarray(2),
  ' is',
  ' a',
  ' naïve',
  ' café',
  '.',
  ' End',
].map((part) => Buffer.from(part as string));
export const FIELD_TEXT = Buffer.concat(WRITTEN).toString();
const TURN_TOKENS = 22;

export interface FieldServerOptions {
  /** A free one unless said otherwise. */
  readonly port?: number;
  /** Before each answer, in milliseconds. */
  readonly delayMs?: number;
}

export async function startFieldServer(mode: FieldMode, { port = 0, delayMs = 0 }: FieldServerOptions = {}): Promise<FieldServer> {
  const requests: { path: string; body: Fields }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { pathname: path } = new URL(request.url!, 'http://x');
      const text = Buffer.concat(chunks).toString();
      const body = (text === '' ? {} : JSON.parse(text)) as Fields;
      requests.push({ path, body });
      const [status, answer] = answerTo(mode, path, body);
      setTimeout(() => send(response, status, answer), delayMs);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `${origin}/v1`, origin, requests, close };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function answerTo(mode: FieldMode, path: string, body: Fields): [status: number, answer: unknown] {
  if (mode === 'strictRefuses') return path.startsWith('/v1/') ? [401, { error: { message: 'no such key' } }] : [404, {}];
  const isKnown = path.startsWith('/v1/') || mode === 'nativeRoot';
  if (isKnown && path.endsWith('/models')) {
    return [200, { object: 'list', data: [{ id: FIELD_MODEL, owned_by: mode === 'sglangThinks' ? 'sglang' : 'x', max_model_len: 4096 }] }];
  }
  if (isKnown && path.endsWith('/chat/completions')) return answerTurns(mode, body);
  if (mode === 'nativeRoot' && path === '/completions') return [200, { content: FIELD_TEXT, tokens: [], stop_type: 'limit' }];
  const turnsOnly: readonly FieldMode[] = ['ollama', 'sglangThinks', 'thinks', 'thinksAlways', 'azureFilter'];
  if (path === '/v1/completions' && !turnsOnly.includes(mode)) return [200, answerText(mode, body)];
  return [404, { error: { message: `no ${path}` } }];
}

function answerTurns(mode: FieldMode, body: Fields): [status: number, answer: unknown] {
  const turns = body['messages'] as readonly Turn[];
  const prompt = turns.map(({ content }) => content).join('\n');
  if (mode === 'azureFilter' && hash(prompt) % 3 === 0) {
    const message = "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.";
    return [
      400,
      { error: { message, type: null, param: 'prompt', code: 'content_filter', status: 400, innererror: { code: 'ResponsibleAIPolicyViolation' } } },
    ];
  }
  const written = writeTokens(body['max_tokens'] ?? body['max_completion_tokens']);
  const logprobs = predict(Buffer.from(prompt), written);
  const entries = written.map((token, k) => turnEntry(mode, token, logprobs[k]!));
  const message: Fields = { role: 'assistant', content: Buffer.concat(written).toString() };
  const mayThink = mode === 'sglangThinks' || mode === 'thinks';
  const wish = body['chat_template_kwargs'] as { enable_thinking?: boolean } | undefined;
  if (mode === 'thinksAlways' || (mayThink && wish?.enable_thinking !== false)) {
    message['reasoning_content'] = 'Let me think.';
    entries.unshift(...['<think>', 'Let', ' me', ' think', '.', '</think>'].map((token) => turnEntry(mode, Buffer.from(token), -0.1)));
  }
  const counted = turns.reduce((sum, { role, content }) => sum + cut(content).length + (role === 'assistant' ? 0 : 4), 6);
  return [200, envelope({ message, logprobs: body['logprobs'] ? { content: entries } : null }, written.length, counted)];
}

function turnEntry(mode: FieldMode, token: Buffer, logprob: number): Fields {
  const text = token.toString();
  const bytes = mode === 'ollama' ? [...Buffer.from(text)] : [...token];
  return {
    token: text,
    logprob,
    bytes,
    top_logprobs: [
      { token: text, logprob, bytes },
      { token: ' other', logprob: logprob - 1, bytes: [...Buffer.from(' other')] },
    ],
  };
}

function answerText(mode: FieldMode, body: Fields): unknown {
  const prompt = String(body['prompt']);
  const given = cut(prompt);
  const written = writeTokens(body['max_tokens']);
  const isEchoed = body['echo'] === true;
  const own = predict(Buffer.from(prompt), written);
  if (mode === 'positive') own[0] = 0.0947;
  const shown = isEchoed && mode !== 'echoIgnored' ? [...given, ...written] : written;
  const logprobs = isEchoed && mode !== 'echoIgnored' ? [...tellGiven(mode, given), ...own] : own;
  const name = (token: Buffer): string => spell(mode, token);
  const lists = {
    tokens: shown.map(name),
    token_logprobs: logprobs,
    top_logprobs: shown.map((token, k) => (logprobs[k] === null ? null : { [name(token)]: logprobs[k], [name(Buffer.from(' other'))]: logprobs[k]! - 1 })),
    text_offset: shown.map(() => -1),
  };
  const text = (isEchoed ? prompt : '') + Buffer.concat(written).toString();
  return envelope({ text, logprobs: body['logprobs'] == null ? null : lists }, written.length, given.length + (mode === 'templated' ? TURN_TOKENS : 0));
}

function tellGiven(mode: FieldMode, given: readonly Buffer[]): (number | null)[] {
  const told: (number | null)[] = predict(Buffer.alloc(0), given);
  told[0] = null;
  if (mode === 'echoNull') return told.map(() => null);
  if (mode === 'contradicts') return told.map((logprob, k) => logprob && -0.01 - (hash(`${k}`) % 997) / 500);
  if (mode === 'shifted') return told.map((_, k) => (k < 2 ? (k === 0 ? null : -1) : told[k - 1]!));
  return mode === 'clip100' ? told.map((logprob, k) => (k % 3 === 2 ? -100 : logprob)) : told;
}

function spell(mode: FieldMode, token: Buffer): string {
  if (mode === 'spelledSentencePiece') return token.toString().replaceAll(' ', '▁');
  if (mode !== 'spelledBytes') return token.toString();
  // The printable bytes stand for themselves, the others for the characters from 256 on.
  const isPrintable = (byte: number): boolean => (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  const others = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !isPrintable(byte));
  return [...token].map((byte) => String.fromCodePoint(isPrintable(byte) ? byte : 256 + others.indexOf(byte))).join('');
}

function envelope(choice: Fields, written: number, promptTokens: number): unknown {
  const isWhole = written === WRITTEN.length;
  return {
    object: 'completion',
    model: FIELD_MODEL,
    choices: [{ index: 0, ...choice, finish_reason: isWhole ? 'stop' : 'length' }],
    usage: { prompt_tokens: promptTokens, completion_tokens: written, total_tokens: promptTokens + written },
  };
}

function writeTokens(count: unknown): Buffer[] {
  return WRITTEN.slice(0, Number(count ?? 16));
}

function cut(text: string): Buffer[] {
  return (text.match(/\s?\S+|\s/g) ?? []).map((part) => Buffer.from(part));
}

/** Of each token behind what stands before it, in nats. */
function predict(before: Buffer, tokens: readonly Buffer[]): number[] {
  let state = 7;
  const step = (byte: number): number => ((state = (state * 31 + byte) >>> 0) % 997) / 997;
  for (const byte of before) step(byte);
  return tokens.map((token) => [...token].reduce((sum, byte) => sum - 0.01 - 0.6 * step(byte), 0));
}

function hash(text: string): number {
  return [...text].reduce((sum, character) => (sum * 31 + character.codePointAt(0)!) >>> 0, 7);
}
