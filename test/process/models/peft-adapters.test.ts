/** Adapters as PEFT saves them, in the real model process: from a folder, a file and a repository. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demo, never, scoreAll, SHAPE, source, useLocalModels } from './local-process.js';

const BASE = demo('base-a.f16.gguf');
const FOLDER = resolve('test/fixtures/peft/false-fact');
const REQUEST = [{ id: 0, prompt: [0], continuation: [1, 14, 700] }];

describe('an adapter that PEFT saved', () => {
  const local = useLocalModels();
  const kept = () => {
    const folder = join(local.folder, 'downloads', 'converted-adapters');
    return existsSync(folder)
      ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.gguf') || name.endsWith('.part'))
      : [];
  };

  it('gives the very logprobs of the GGUF adapter, by folder or by either file, and is converted once', async () => {
    const plain = await local.open(source(BASE));
    const gguf = await local.open(source(BASE, demo('false-fact.lora.gguf')));
    const wanted = await scoreAll(gguf.model, REQUEST);
    expect(await scoreAll(plain.model, REQUEST)).not.toEqual(wanted);
    for (const path of [FOLDER, join(FOLDER, 'adapter_model.safetensors'), join(FOLDER, 'adapter_config.json')]) {
      const lease = await local.open(source(BASE, path));
      expect(await scoreAll(lease.model, REQUEST)).toEqual(wanted);
      expect(lease.model.identity.adapters).toMatchObject([{ source: path, scale: 1, rank: 12, alpha: 24 }]);
      expect(lease.model.identity.name).toBe('base-a.f16 + false-fact.lora');
      expect(lease.model.remarks ?? []).toEqual([]);
      lease.release();
    }
    expect(kept()).toHaveLength(1);
    for (const lease of [plain, gguf]) lease.release();
  });

  it('of another base is refused as a GGUF adapter is, and leaves nothing half written', async () => {
    await expect(local.open(source(demo('base-b.f16.gguf'), FOLDER))).rejects.toMatchObject({
      code: 'adapterDoesNotFit',
      message: expect.stringMatching(/does not fit base-b/),
    });
    expect(kept().filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('that changed is converted anew', async () => {
    const folder = join(local.folder, 'changing');
    cpSync(FOLDER, folder, { recursive: true });
    const first = await local.open(source(BASE, folder));
    const before = await scoreAll(first.model, REQUEST);
    first.release();
    const config = join(folder, 'adapter_config.json');
    writeFileSync(config, readFileSync(config, 'utf8').replace('"lora_alpha": 24.0', '"lora_alpha": 12.0'));
    const second = await local.open(source(BASE, folder));
    expect(await scoreAll(second.model, REQUEST)).not.toEqual(before);
    expect(second.model.identity.adapters![0]!.alpha).toBe(12);
    second.release();
  });

  it('is made anew where what was kept is damaged, or a link, and nothing is written through that', async () => {
    const find = () =>
      join(
        local.folder,
        'downloads',
        'converted-adapters',
        kept().find((name) => name.endsWith('false-fact.lora.gguf'))!,
      );
    const path = find();
    const bytes = readFileSync(path);
    const mine = join(local.folder, 'mine');
    writeFileSync(mine, 'mine');
    const harms = [
      () => truncateSync(path, bytes.length - 32),
      () => writeFileSync(path, ''),
      () => (rmSync(path), symlinkSync(mine, path)),
      () => (rmSync(path), symlinkSync('/dev/zero', path)),
      ...(process.platform === 'win32' ? [] : [() => (rmSync(path), execFileSync('mkfifo', [path]))]),
    ];
    for (const harm of harms) {
      harm();
      (await local.open(source(BASE, FOLDER))).release();
      expect(lstatSync(path).isFile()).toBe(true);
      expect(readFileSync(path).equals(bytes)).toBe(true);
    }
    expect(readFileSync(mine, 'utf8')).toBe('mine');
  });

  it('is made by two programs at once', async () => {
    const downloadFolder = join(local.folder, 'shared');
    const leases = await Promise.all([0, 1].map(() => local.start({ downloadFolder }).open(source(BASE, FOLDER), SHAPE, never)));
    expect(new Set(leases.map(({ model }) => model.identity.adapters[0]!.sha256)).size).toBe(1);
    for (const lease of leases) lease.release();
    expect(readdirSync(join(downloadFolder, 'converted-adapters'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('says what to do where nothing can be kept', async () => {
    const downloadFolder = join(local.folder, 'a file');
    writeFileSync(downloadFolder, '');
    const models = local.start({ downloadFolder });
    const refused = { code: 'refused', message: expect.stringMatching(/a file.* cannot be written .*finetuneAuditor\.modelFolder/) };
    await expect(models.open(source(BASE, FOLDER), SHAPE, never)).rejects.toMatchObject(refused);
    await expect(models.open(source('hf:someone/some-GGUF/some.gguf'), { ...SHAPE, allowDownload: true }, never)).rejects.toMatchObject(refused);
    await expect(models.makeSource({ kind: 'adapter', source: source(BASE, FOLDER) }, never)).rejects.toMatchObject(refused);
  });

  it.runIf(process.platform !== 'win32')('beside pipes that are named like models and adapters is told, and they are none', async () => {
    const folder = join(local.folder, 'pipes');
    mkdirSync(join(folder, 'peft'), { recursive: true });
    const pipes = ['x.gguf', 'y-00001-of-00002.gguf', 'peft/adapter_config.json', 'peft/adapter_model.safetensors'].map((name) => join(folder, name));
    execFileSync('mkfifo', pipes);
    const facts = await local.models.inspect([...pipes, join(folder, 'peft'), FOLDER], never);
    expect(facts.map((one) => one?.name ?? null)).toEqual([null, null, null, null, null, 'false-fact']);
    for (const path of [pipes[0]!, pipes[3]!])
      await expect(local.open(source(BASE, path))).rejects.toMatchObject({ message: expect.stringContaining('is a pipe') });
  });

  it('says of itself what it was trained on, for the question about the base', async () => {
    expect(await local.models.inspect([FOLDER, join(FOLDER, 'adapter_model.safetensors'), 'test/fixtures/peft'], new AbortController().signal)).toEqual([
      expect.objectContaining({ isAdapter: true, architecture: null, bases: ['tiny-base-a'] }),
      expect.objectContaining({ isAdapter: true, name: 'false-fact' }),
      null,
    ]);
  });

  it('a whole model’s folder is answered with what can be done with it', async () => {
    const folder = join(local.folder, 'whole');
    mkdirSync(folder);
    for (const name of ['config.json', 'model.safetensors']) writeFileSync(join(folder, name), '');
    await expect(local.open(source(folder))).rejects.toMatchObject({
      code: 'notGguf',
      message: expect.stringMatching(/convert_hf_to_gguf\.py .*whole.*vllm serve/),
    });
    await expect(local.open(source(BASE, folder))).rejects.toMatchObject({ code: 'notGguf', message: expect.stringMatching(/convert_hf_to_gguf\.py/) });
  });

  describe('in a repository', () => {
    let server: Server;
    let requests: string[] = [];
    const endpoint = process.env['HF_ENDPOINT'];

    beforeAll(async () => {
      server = createServer((request, response) => {
        requests.push(request.url!);
        const name = /^\/someone\/peft-adapter\/resolve\/main\/([\w.]+)/.exec(request.url!)?.[1];
        const path = name && join(FOLDER, name);
        if (!path || !existsSync(path)) return void response.writeHead(404).end();
        const bytes = readFileSync(path);
        const [, from = '0', to = ''] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '') ?? [];
        const last = to === '' ? bytes.length - 1 : Math.min(Number(to), bytes.length - 1);
        response.writeHead(request.headers.range ? 206 : 200, {
          'accept-ranges': 'bytes',
          'content-length': last - Number(from) + 1,
          etag: '"1"',
          ...(request.headers.range && { 'content-range': `bytes ${from}-${last}/${bytes.length}` }),
        });
        response.end(request.method === 'HEAD' ? undefined : bytes.subarray(Number(from), last + 1));
      });
      await new Promise<void>((started) => server.listen(0, '127.0.0.1', started));
      process.env['HF_ENDPOINT'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    });
    afterAll(() => {
      if (endpoint === undefined) delete process.env['HF_ENDPOINT'];
      else process.env['HF_ENDPOINT'] = endpoint;
      server.closeAllConnections();
      server.close();
    });

    it('is fetched after a yes alone, and once', async () => {
      const models = local.start();
      const wanted = source(BASE, 'hf:someone/peft-adapter');
      const open = (allowDownload: boolean) => models.open(wanted, { waveSize: 8, contextTokens: 160, allowDownload }, new AbortController().signal);
      await expect(open(false)).rejects.toMatchObject({ code: 'networkForbidden' });
      expect(requests).toEqual([]);
      (await open(true)).release();
      expect(requests.some((url) => url.includes('adapter_model.safetensors'))).toBe(true);
      requests = [];
      const again = await open(false);
      expect(requests).toEqual([]);
      expect(again.model.identity.adapters).toMatchObject([{ source: 'hf:someone/peft-adapter', rank: 12 }]);
      again.release();
    });

    it('that holds none is told by its address', async () => {
      const models = local.start();
      await expect(
        models.open(source(BASE, 'hf:someone/nothing'), { waveSize: 8, contextTokens: 160, allowDownload: true }, new AbortController().signal),
      ).rejects.toMatchObject({ code: 'downloadFailed', message: expect.stringContaining('hf:someone/nothing') });
    });
  });
});
