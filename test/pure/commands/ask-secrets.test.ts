import { expect, test, vi } from 'vitest';
import { askHeaders, askKey } from '../../../src/endpoints/ask-secrets.js';
import { EndpointSecrets } from '../../../src/endpoints/endpoint-secrets.js';
import { MapBox, MapMemory } from './map-memory.js';

const prompts: string[] = [];

vi.mock('vscode', () => ({
  l10n: { t: (text: string, ...args: unknown[]) => text.replace(/\{(\d+)\}/g, (_, index: string) => String(args[Number(index)])) },
}));
vi.mock('../../../src/editor/ask.js', () => ({
  askText: async ({ prompt }: { prompt: string }) => {
    prompts.push(prompt);
    return '';
  },
}));

test('who enters a key or headers for another machine is told where they go unencrypted', async () => {
  const secrets = new EndpointSecrets(new MapBox(), new MapMemory(), () => undefined);
  for (const endpoint of ['http://gpu:8000/v1', 'https://gpu:8000/v1', 'http://localhost:8000/v1']) {
    await askKey(secrets, { endpoint, title: 'Key' });
    await askHeaders(secrets, { endpoint, title: 'Headers' });
  }
  expect(prompts.map((prompt) => prompt.includes('unencrypted'))).toEqual([true, true, false, false, false, false]);
});
