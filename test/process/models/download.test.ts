/** `hf:` addresses, against a server of our own in place of the hub. */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { baseA, demo, never, SHAPE, source, useLocalModels } from './local-process.js';

describe('hf: addresses', () => {
  const local = useLocalModels();
  const file = readFileSync(demo('base-a.f16.gguf'));
  const address = 'hf:someone/tiny-GGUF/tiny.F16.gguf';
  let server: Server;
  let requests: string[] = [];
  let keys: (string | undefined)[] = [];
  const endpoint = process.env['HF_ENDPOINT'];

  beforeAll(async () => {
    server = createServer((request, response) => {
      requests.push(`${request.method} ${request.url}`);
      keys.push(request.headers.authorization);
      if (!request.url!.startsWith('/someone/tiny-GGUF/resolve/main/tiny.F16.gguf')) {
        response.writeHead(404).end();
        return;
      }
      const range = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '');
      const from = range === null ? 0 : Number(range[1]);
      const to = range === null || range[2] === '' ? file.length - 1 : Math.min(Number(range[2]), file.length - 1);
      const headers = { 'accept-ranges': 'bytes', 'content-length': to - from + 1, etag: '"1"' };
      response.writeHead(range === null ? 200 : 206, range === null ? headers : { ...headers, 'content-range': `bytes ${from}-${to}/${file.length}` });
      response.end(request.method === 'HEAD' ? undefined : file.subarray(from, to + 1));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    process.env['HF_ENDPOINT'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterEach(() => {
    requests = [];
  });
  afterAll(() => {
    if (endpoint === undefined) delete process.env['HF_ENDPOINT'];
    else process.env['HF_ENDPOINT'] = endpoint;
    server.closeAllConnections();
    server.close();
  });

  it('are not fetched unless that was confirmed', async () => {
    await expect(local.open(source(address))).rejects.toMatchObject({ code: 'networkForbidden', message: expect.stringContaining(address) });
    expect(requests).toEqual([]);
  });

  it('are fetched with the token of the hub, which the process knows from nowhere else', async () => {
    vi.stubEnv('HF_TOKEN', 'hf_of-the-test');
    vi.stubEnv('CLOUD_SECRET_KEY', 'of-the-test');
    const models = local.start();
    keys = [];
    try {
      const opening = models.open(source('hf:someone/tiny-GGUF/none.gguf'), { ...SHAPE, allowDownload: true }, never);
      await expect(opening).rejects.toMatchObject({ code: 'downloadFailed' });
      expect(keys).toContain('Bearer hf_of-the-test');
      const lease = await models.open(baseA, SHAPE, never);
      if (process.platform === 'linux') {
        const environment = readFileSync(`/proc/${models.processId!}/environ`, 'utf8');
        expect(environment).toContain('PATH=');
        expect(environment).not.toMatch(/of-the-test|HF_TOKEN|CLOUD_SECRET/);
      }
      lease.release();
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('say what failed when there is no such file', async () => {
    const missing = local.open(source('hf:someone/tiny-GGUF/other.gguf'), { allowDownload: true });
    await expect(missing).rejects.toMatchObject({ code: 'downloadFailed', message: expect.stringContaining('other.gguf') });
  });

  it('are fetched once, with progress, and found again without the network', async () => {
    const fractions: number[] = [];
    const lease = await local.models.open(
      source(address),
      { ...SHAPE, allowDownload: true, onProgress: ({ stage, fraction }) => stage === 'downloading' && fractions.push(fraction) },
      never,
    );
    expect(lease.model.identity).toMatchObject({ source: address, sha256: '402747fb423b61fdee4900d3015611f17e0d8480adf063d3618c558a118f8fac' });
    expect(fractions.at(-1)).toBe(1);
    lease.release();
    requests = [];
    const again = await local.open(source(address));
    expect(again.model.identity.sha256).toBe(lease.model.identity.sha256);
    expect(requests).toEqual([]);
    again.release();
    const shouted = await local.open(source(address.replace('hf:', 'HF:')));
    expect(shouted.model.identity.sha256).toBe(lease.model.identity.sha256);
    expect(requests).toEqual([]);
    shouted.release();
    expect(readFileSync(join(local.folder, 'downloads', 'hf_someone_tiny.F16.gguf')).equals(file)).toBe(true);
  });
});
