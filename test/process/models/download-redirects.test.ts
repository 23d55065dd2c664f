/** A hub that sends a download elsewhere: nothing but the hub itself gets its token, and nothing is read from where it may not lead. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LocalModels } from '../../../src/models/local/local-models.js';
import { demo, never, SHAPE, source, useLocalModels } from './local-process.js';

const TOKEN = 'hf_of-the-test';
const FILE = readFileSync(demo('base-a.f16.gguf'));

interface Host {
  readonly server: Server;
  readonly origin: string;
  readonly requests: { readonly path: string; readonly authorization: string | undefined }[];
  answer: (request: IncomingMessage, response: ServerResponse) => void;
}

async function listen(): Promise<Host> {
  const host: { -readonly [K in keyof Host]?: Host[K] } & Pick<Host, 'requests'> = { requests: [] };
  host.server = createServer((request, response) => {
    host.requests.push({ path: request.url!, authorization: request.headers.authorization });
    host.answer!(request, response);
  });
  await new Promise<void>((resolve) => host.server!.listen(0, '127.0.0.1', resolve));
  host.origin = `http://127.0.0.1:${(host.server.address() as AddressInfo).port}`;
  host.answer = (_request, response) => response.writeHead(404).end();
  return host as Host;
}

function sendFile(request: IncomingMessage, response: ServerResponse, more: Readonly<Record<string, string>> = {}): void {
  const range = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '');
  const from = Number(range?.[1] ?? 0);
  const to = Math.min(Number(range?.[2] || FILE.length - 1), FILE.length - 1);
  const headers = { 'accept-ranges': 'bytes', 'content-length': String(to - from + 1), etag: '"1"', ...more };
  response.writeHead(range === null ? 200 : 206, range === null ? headers : { ...headers, 'content-range': `bytes ${from}-${to}/${FILE.length}` });
  response.end(request.method === 'HEAD' ? undefined : FILE.subarray(from, to + 1));
}

describe('a download that the hub sends elsewhere', () => {
  const local = useLocalModels();
  let hub: Host;
  let other: Host;
  let models: LocalModels;
  let files = 0;

  beforeAll(async () => {
    [hub, other] = [await listen(), await listen()];
    vi.stubEnv('HF_ENDPOINT', `${hub.origin}/`);
    vi.stubEnv('HF_TOKEN', TOKEN);
    models = local.start();
  });
  beforeEach(() => {
    for (const { requests } of [hub, other]) requests.length = 0;
    other.answer = sendFile;
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    for (const { server } of [hub, other]) {
      server.closeAllConnections();
      server.close();
    }
  });
  afterEach(() => expect(other.requests.map(({ authorization }) => authorization).filter(Boolean)).toEqual([]));

  const open = () => models.open(source(`hf:someone/gated-GGUF/tiny${files++}.gguf`), { ...SHAPE, allowDownload: true }, never);

  it.each([301, 302, 303, 307, 308])('by %i takes the file from there, and leaves the token behind', async (status) => {
    // A repository that is gated: without the token nothing, with it the address of the file.
    hub.answer = ({ headers }, response) =>
      headers.authorization === `Bearer ${TOKEN}`
        ? response.writeHead(status, { location: `${other.origin}/file?signature=1` }).end()
        : response.writeHead(401).end();
    (await open()).release();
    expect(hub.requests.some(({ authorization }) => authorization === `Bearer ${TOKEN}`)).toBe(true);
    expect(other.requests.length).toBeGreaterThan(0);
  });

  it.each([
    ['a file of this machine', 'file:///etc/hostname', 'no web address'],
    ['another scheme', 'data:text/plain,GGUF', 'no web address'],
    ['a user name', 'http://name:word@127.0.0.1:9/file', 'user name'],
    ['itself, without end', '?again', 'without end'],
  ])('to %s is not followed, and says so', async (_what, location, why) => {
    hub.answer = (_request, response) => response.writeHead(302, { location }).end();
    await expect(open()).rejects.toMatchObject({ code: 'downloadFailed', message: expect.stringContaining(why) });
  });

  it('is not waited for where the hub’s list of files has no end', async () => {
    let sent = 0;
    hub.answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const send = () => {
        if (response.destroyed) return;
        sent += 1 << 20;
        response.write(' '.repeat(1 << 20), () => setImmediate(send));
      };
      send();
    };
    const options = { ...SHAPE, allowDownload: true };
    await expect(models.open(source('hf:someone/endless-GGUF:Q4_K_M'), options, never)).rejects.toMatchObject({
      code: 'downloadFailed',
      message: expect.stringContaining("the hub's list of files is larger than 8 MiB"),
    });
    expect(hub.requests.some(({ path }) => path.startsWith('/v2/'))).toBe(true);
    expect(sent).toBeLessThan(64 << 20);
  });

  it('keeps the name of the file, whatever the other host calls it, and its signature out of messages', async () => {
    hub.answer = (_request, response) => response.writeHead(302, { location: `${other.origin}/file?signature=of-the-test` }).end();
    other.answer = (request, response) => sendFile(request, response, { 'content-disposition': 'attachment; filename="../../elsewhere.gguf"' });
    (await open()).release();
    expect(readdirSync(join(local.folder, 'downloads'))).toContain(`hf_someone_gated-GGUF_tiny${files - 1}.gguf`);
    expect(existsSync(join(local.folder, '..', 'elsewhere.gguf')) || existsSync(join(local.folder, 'elsewhere.gguf'))).toBe(false);
    other.answer = (_request, response) => response.writeHead(403, 'of-the-test').end();
    const error = await open().catch((reason: unknown) => reason as Error);
    expect(error).toMatchObject({ code: 'downloadFailed', message: expect.stringContaining('403') });
    expect((error as Error).message).not.toContain('of-the-test');
  });

  it('hears a cancellation while a server asks for patience, and does not storm it', async () => {
    hub.answer = (_request, response) => response.writeHead(503, { 'retry-after': '100000000' }).end();
    const controller = new AbortController();
    const opening = models.open(source('hf:someone/gated-GGUF/patient.gguf'), { ...SHAPE, allowDownload: true }, controller.signal);
    setTimeout(() => controller.abort(), 1000);
    await expect(opening).rejects.toMatchObject({ code: 'cancelled' });
    expect(hub.requests.length).toBeLessThan(20);
  });

  it('ends with the reason where the hub is not there', async () => {
    const gone = await listen();
    await new Promise((resolve) => gone.server.close(resolve));
    vi.stubEnv('HF_ENDPOINT', `${gone.origin}/`);
    const opening = local.start().open(source('hf:someone/none-GGUF/none.gguf'), { ...SHAPE, allowDownload: true }, never);
    await expect(opening).rejects.toMatchObject({ code: 'downloadFailed', message: expect.stringMatching(/cannot be reached, ECONNREFUSED.*network/) });
  });
});
