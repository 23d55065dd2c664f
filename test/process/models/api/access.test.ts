import { beforeAll, describe, expect, it } from 'vitest';
import { isSetAside } from '../../../../src/audit/language-model.js';
import { resolveAccess } from '../../../../src/models/api/transport/endpoint-access.js';
import { MixedModels } from '../../../../src/models/mixed-models.js';
import { startFaultProxy } from '../../../peers/fault-proxy.js';
import type { ModelServer } from '../../../peers/model-server.js';
import { collect, never, SHAPE, useLocalModels } from '../local-process.js';
import { MODEL, refuse, serveScript, type Script } from './scripted-server.js';
import { at, BASE, baseSource, createApi, FINETUNED, generateOver, makeWave, open, useServers } from './servers.js';

const KEY = 'test-key-9b81c';

describe('access to an endpoint', () => {
  const local = useLocalModels();
  const servers = useServers(local);
  let server: ModelServer;
  beforeAll(async () => {
    server = await servers.start({ dialect: 'vllm', apiKey: KEY });
  });
  const source = () => at(server.url, FINETUNED);

  it('takes the key of an environment variable, or a stored one', async () => {
    const byVariable = createApi({ readEnvironment: (name) => (name === 'MY_KEY' ? KEY : undefined) });
    expect((await open(byVariable, { ...source(), apiKeyEnv: 'MY_KEY' })).model.identity.name).toBe(FINETUNED);
    const stored = createApi({ findKey: async ({ endpoint }) => (endpoint === server.url ? KEY : undefined) });
    expect((await open(stored, source())).model.identity.name).toBe(FINETUNED);
    expect((await open(stored, { ...source(), apiKeyEnv: 'NOT_SET' })).model.identity.name).toBe(FINETUNED);
  });

  it('puts environment variables into headers', async () => {
    const api = createApi({ readEnvironment: (name) => ({ TEAM: 'secret-team', TOKEN: KEY })[name] });
    await open(api, { ...source(), headers: { authorization: 'Bearer ${TOKEN}', 'x-team': 'a-${TEAM}' } });
    expect(server.requests.at(-1)!.headers).toMatchObject({ 'x-team': 'a-secret-team', authorization: `Bearer ${KEY}` });
    await expect(open(createApi(), { ...source(), headers: { 'x-team': '${TEAM}' } })).rejects.toMatchObject({
      code: 'keyMissing',
      message: expect.stringContaining('TEAM'),
    });
  });

  it('fails without a key, naming the variable', async () => {
    await expect(open(createApi(), { ...source(), apiKeyEnv: 'MY_KEY' })).rejects.toMatchObject({
      code: 'keyMissing',
      message: expect.stringContaining('MY_KEY'),
    });
    await expect(open(createApi(), source())).rejects.toMatchObject({ code: 'keyMissing', message: expect.stringContaining(new URL(server.url).host) });
  });

  it('fails with a wrong key without telling it', async () => {
    const error = await open(createApi({ findKey: async () => 'wrong-key-111' }), source()).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'keyRefused' });
    expect(String(error)).not.toContain('wrong-key-111');
  });

  it('fails for a model that is not served, naming those that are', async () => {
    const api = createApi({ findKey: async () => KEY });
    await expect(open(api, at(server.url, 'nobody'))).rejects.toMatchObject({
      code: 'modelNotServed',
      message: expect.stringMatching(/nobody.*base, false-fact/s),
    });
  });

  it('fails where nobody listens', async () => {
    const gone = await startFaultProxy(server.url, { plan: { rules: [] } });
    await gone.close();
    await expect(open(createApi(), at(gone.url, 'any'))).rejects.toMatchObject({
      code: 'endpointFailed',
      message: expect.stringContaining(new URL(gone.url).host),
    });
  });

  it('is forbidden with the network, before anything is asked', async () => {
    const count = server.requests.length;
    await expect(open(createApi({ forbidNetwork: () => true }), source())).rejects.toMatchObject({
      code: 'networkForbidden',
      message: expect.stringContaining('forbidNetwork'),
    });
    expect(server.requests.length).toBe(count);
  });

  it('is forbidden with the network in the middle of things too', async () => {
    let forbidden = false;
    const { model } = await open(createApi({ findKey: async () => KEY, forbidNetwork: () => forbidden }), source());
    const wave = await makeWave(model, 'raw', { maxTokens: 2 });
    forbidden = true;
    const count = server.requests.length;
    await expect(generateOver(model, wave)).rejects.toMatchObject({ code: 'networkForbidden' });
    expect(server.requests.length).toBe(count);
  });

  it('tells no key that was given in place of a variable’s name, and no value of a header', async () => {
    for (const pasted of ['sk-0123456789abcdef', 'gsk_AbCdEfGhIjKlMnOpQrStUvWx', '3f9a0c11d2e4']) {
      const error = await open(createApi(), { ...source(), apiKeyEnv: pasted }).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: 'keyMissing' });
      expect(String(error)).not.toContain(pasted);
    }
    const { secrets } = await resolveAccess(
      { ...source(), headers: { 'x-password': 'a-plain-password', 'x-team': 'a ${TEAM}' } },
      { requireAgreed: () => undefined, findKey: async () => undefined, readEnvironment: () => 'red-team' },
    );
    expect(secrets).toEqual(['a-plain-password', 'red-team']);
  });

  it('tears no ordinary words out of messages because a header has them as its value', async () => {
    const headers = { 'x-title': 'model', 'x-purpose': 'an audit of models', 'x-trace': '3f9a0c11d2e4b5', 'x-token': 'short' };
    const { secrets } = await resolveAccess(
      { ...source(), headers },
      { requireAgreed: () => undefined, findKey: async () => undefined, readEnvironment: () => undefined },
    );
    expect(secrets).toEqual(['3f9a0c11d2e4b5', 'short']);
    const api = createApi({ findKey: async () => KEY });
    await expect(open(api, { ...at(server.url, 'nobody'), headers: { 'x-title': 'model' } })).rejects.toMatchObject({
      message: expect.stringMatching(/does not serve the model nobody/),
    });
  });

  it('asks what a server can do once', async () => {
    const api = createApi({ findKey: async () => KEY });
    await Promise.all([open(api, source()), open(api, source())]);
    const probes = () => server.requests.filter(({ path }) => path === '/v1/models').length;
    const count = probes();
    await open(api, source());
    expect(probes()).toBe(count);
    await api.probe(source(), never);
    expect(probes()).toBe(count + 1);
  });

  it('asks anew after a while, and where a server is another than it was', async () => {
    let now = 0;
    let script: Script = () => undefined;
    const scripted = await serveScript((...request) => script(...request));
    const api = createApi({ clock: { now: () => now } });
    const probes = () => scripted.seen.filter(({ url }) => url === '/v1/models').length;
    const { model } = await open(api, at(scripted.baseUrl, MODEL));
    now = 9 * 60_000;
    await open(api, at(scripted.baseUrl, MODEL));
    expect(probes()).toBe(1);
    now = 11 * 60_000;
    expect((await open(api, at(scripted.baseUrl, MODEL))).model.capabilities.score).toBe(true);
    expect(probes()).toBe(2);

    // The server is started anew with a model that echoes nothing.
    script = ({ path, body }, usual) =>
      path !== '/v1/completions' ? undefined : body['echo'] === true ? refuse(400) : { body: { ...(usual() as object), model: 'another' } };
    const wave = (await makeWave(model, 'raw', { maxTokens: 1 })).slice(0, 1);
    expect(await collect(model.generate(wave, { signal: never }))).toMatchObject([{ setAside: expect.stringContaining('another model') }]);
    expect((await open(api, at(scripted.baseUrl, MODEL))).model.capabilities.score).toBe(false);
    expect(probes()).toBe(3);

    script = ({ path }) => (path === '/v1/completions' ? refuse(404) : undefined);
    const again = (await open(api, at(scripted.baseUrl, MODEL))).model;
    await expect(generateOver(again, wave)).rejects.toMatchObject({ code: 'modelNotServed' });
    expect((await open(api, at(scripted.baseUrl, MODEL))).model.capabilities.framings).toEqual(['ask']);
    expect(probes()).toBe(4);
  });

  it('opens files and servers alike', async () => {
    const models = new MixedModels(local.models, createApi({ findKey: async () => KEY }));
    const [remote, file] = [await models.open(source(), SHAPE, never), await models.open(baseSource, SHAPE, never)];
    expect([remote.model.capabilities.independent, file.model.capabilities.independent]).toEqual([true, false]);
    expect(file.account).toBeUndefined();
    const together = await models.estimateMemory([source(), baseSource], SHAPE);
    expect(together.neededBytes).toBe((await local.models.estimateMemory([baseSource], SHAPE)).neededBytes);
    expect((await models.estimateMemory([source()], SHAPE)).neededBytes).toBe(0);
    file.release();
  });

  describe('with answers that nothing can be measured by', () => {
    it('sets a completion aside after three tries, and goes on', async () => {
      const proxy = await startFaultProxy(server.url, { plan: { rules: [] } });
      const api = createApi({ findKey: async () => KEY });
      const { model, account } = await open(api, at(proxy.url, FINETUNED));
      proxy.setPlan({ rules: [{ fault: 'nullLogprob', at: [0, 1, 2] }] });
      const wave = await makeWave(model, 'raw', { maxTokens: 3 });
      const [first] = await collect(model.generate(wave.slice(0, 1), { signal: never }));
      expect(first).toMatchObject({ id: 0, setAside: expect.stringContaining('logprob') });
      expect(await generateOver(model, wave)).toHaveLength(4);
      expect(account!()).toMatchObject({ givenUp: 1, retried: 2 });
      await proxy.close();
    });

    it.each(['nanLogprob', 'lowestLogprob', 'positiveLogprob', 'emptyChoices', 'lostToken', 'wrongJson'] as const)(
      'has the right answer in the end: %s',
      async (fault) => {
        const proxy = await startFaultProxy(server.url, { plan: { rules: [] } });
        const { model, account } = await open(createApi({ findKey: async () => KEY }), at(proxy.url, FINETUNED));
        const wave = (await makeWave(model, 'chat', { maxTokens: 6 })).slice(0, 2);
        const right = await generateOver(model, wave);
        const { retried } = account!();
        proxy.setPlan({ rules: [{ fault, at: [0] }] });
        expect(await generateOver(model, wave)).toEqual(right);
        expect(account!().retried).toBe(retried + 1);
        await proxy.close();
      },
    );

    it('sets answers of another model aside', async () => {
      const proxy = await startFaultProxy(server.url, { plan: { rules: [] } });
      const { model } = await open(createApi({ findKey: async () => KEY }), at(proxy.url, BASE));
      proxy.setPlan({ rules: [{ fault: 'changedModel', share: 1 }] });
      const [answer] = await collect(model.generate((await makeWave(model, 'raw', { maxTokens: 3 })).slice(0, 1), { signal: never }));
      expect(isSetAside(answer!) && answer.setAside).toContain('another model');
      await proxy.close();
    });

    it('ends when twenty requests in a row come to nothing', async () => {
      const proxy = await startFaultProxy(server.url, { plan: { rules: [] } });
      const { model } = await open(createApi({ findKey: async () => KEY }), at(proxy.url, BASE));
      const [request] = await makeWave(model, 'raw', { maxTokens: 1 });
      proxy.setPlan({ rules: [{ fault: 'nullLogprob', share: 1 }] });
      const wave = Array.from({ length: 30 }, (_, id) => ({ ...request!, id }));
      const answers: unknown[] = [];
      await expect(
        (async () => {
          for await (const answer of model.generate(wave, { signal: never })) answers.push(answer);
        })(),
      ).rejects.toMatchObject({ code: 'endpointFailed', message: expect.stringContaining('20 requests in a row') });
      expect(answers.length).toBeLessThan(20);
      await proxy.close();
    });
  });
});
