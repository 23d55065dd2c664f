import { describe, expect, it } from 'vitest';
import { ChatDrafter } from '../../../../src/models/api/chat-drafter.js';
import { sendJson, serve } from './requests/http-server.js';

describe('a drafter', () => {
  it('asks nothing any more once the network is forbidden', async () => {
    const server = await serve((response) => sendJson(response, 200, { choices: [{ message: { content: 'Yes.' }, finish_reason: 'stop' }] }));
    let forbidden = false;
    const options = {
      requireAgreed: () => undefined,
      findKey: async () => undefined,
      readEnvironment: () => undefined,
      forbidNetwork: () => forbidden,
      timeoutMs: 20_000,
    };
    const drafter = await ChatDrafter.open({ endpoint: server.baseUrl, model: 'writer' }, options);
    const ask = () => drafter.write([{ role: 'user', content: 'Well?' }], new AbortController().signal);
    expect(await ask()).toBe('Yes.');
    forbidden = true;
    await expect(ask()).rejects.toMatchObject({ code: 'networkForbidden', message: expect.stringContaining(server.host) });
    expect(server.seen).toHaveLength(1);
  });
});
