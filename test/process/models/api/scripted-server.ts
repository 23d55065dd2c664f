/**
 * A small server of text completions and chat in OpenAI's older and newer form, with words for tokens, that answers by a script: what
 * it is to do otherwise, in one place. The servers of `test/peers` have real models; here only the forms matter.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendJson, serve, type TestServer } from './requests/http-server.js';

export type Fields = Readonly<Record<string, unknown>>;

export interface ScriptedRequest {
  /** `/v1/completions`. */
  readonly path: string;
  readonly body: Fields;
  readonly number: number;
}

/** A status with a body, or a whole answer; `undefined` for the usual one. */
export type Script = (request: ScriptedRequest, usual: () => unknown) => { readonly status?: number; readonly body: unknown } | undefined;

export const MODEL = 'm';

export async function serveScript(script: Script = () => undefined): Promise<TestServer> {
  return serve((response: ServerResponse, number: number, request: IncomingMessage, text: string) => {
    const [path, body] = [request.url!, (text === '' ? {} : JSON.parse(text)) as Fields];
    const usual = (): unknown => answerUsually(path, body);
    const scripted = script({ path, body, number }, usual);
    const answer = scripted ?? { body: usual() };
    if (answer.body === undefined) sendJson(response, 404, { error: { message: 'no such address' } });
    else sendJson(response, answer.status ?? 200, answer.body);
  });
}

export function refuse(status: number, message = 'no'): { status: number; body: unknown } {
  return { status, body: { error: { message } } };
}

export function cutIntoWords(text: string): string[] {
  return text.match(/ ?[^ ]+| /g) ?? [];
}

function answerUsually(path: string, body: Fields): unknown {
  if (path === '/v1/models') return { data: [{ id: MODEL }] };
  if (path === '/v1/completions') return answerText(body);
  return path === '/v1/chat/completions' ? answerChat(body) : undefined;
}

export function wordsWritten(count: unknown): string[] {
  return Array.from({ length: Number(count ?? 1) }, (_, k) => ` w${k}`);
}

/** Lists of one entry per token; the first of an echo has no logprob. */
export function listLogprobs(tokens: readonly string[], isEchoed: boolean): object {
  return {
    tokens,
    token_logprobs: tokens.map((_, k) => (isEchoed && k === 0 ? null : -1)),
    top_logprobs: tokens.map((token) => ({ [token]: -1, ' other': -2 })),
  };
}

function answerText(body: Fields): unknown {
  const prompt = cutIntoWords(String(body['prompt']));
  const written = wordsWritten(body['max_tokens']);
  const tokens = body['echo'] === true ? [...prompt, ...written] : written;
  return {
    model: MODEL,
    choices: [
      { text: tokens.join(''), finish_reason: 'length', ...(body['logprobs'] !== undefined && { logprobs: listLogprobs(tokens, body['echo'] === true) }) },
    ],
    usage: { prompt_tokens: prompt.length, completion_tokens: written.length },
  };
}

export function countTurns(body: Fields): number {
  return (body['messages'] as { content: string }[]).reduce((sum, { content }) => sum + cutIntoWords(content).length + 3, 0);
}

function answerChat(body: Fields): unknown {
  const written = wordsWritten(body['max_tokens']);
  const name = (token: string, logprob: number) => ({ token, logprob, bytes: [...Buffer.from(token)] });
  const content = written.map((token) => ({ ...name(token, -1), top_logprobs: [name(token, -1), name(' other', -2)] }));
  return {
    model: MODEL,
    choices: [{ message: { content: written.join('') }, finish_reason: 'length', ...(body['logprobs'] === true && { logprobs: { content } }) }],
    usage: { prompt_tokens: countTurns(body), completion_tokens: written.length },
  };
}
