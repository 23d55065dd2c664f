import { describe, expect, it } from 'vitest';
import { ENDPOINT_PRESETS, presetOf } from '../../../../../src/models/api/dialects/presets.js';

describe('presets', () => {
  it('find themselves by their own address', () => {
    for (const preset of ENDPOINT_PRESETS) expect(presetOf(preset.baseUrl)?.id).toBe(preset.id);
    expect(new Set(ENDPOINT_PRESETS.map(({ id }) => id)).size).toBe(ENDPOINT_PRESETS.length);
  });

  it.each([
    ['http://127.0.0.1:11434/v1', 'ollama'],
    ['http://[::1]:8000/v1', 'vllm'],
    ['https://my-team.openai.azure.com/openai/v1', 'azure-openai'],
    ['https://api.together.xyz/v1', 'together'],
    ['https://API.OPENAI.COM/v1/', 'openai'],
    ['http://gpu-box:8000/v1', undefined],
    ['https://openai.azure.com.example.org/v1', undefined],
    ['https://notapi.openai.com/v1', undefined],
    ['http://localhost:9999/v1', undefined],
    ['nonsense', undefined],
  ])('%s is %s', (baseUrl, id) => {
    expect(presetOf(baseUrl)?.id).toBe(id);
  });

  it('promise nothing that no request of ours asks for', () => {
    for (const { note } of ENDPOINT_PRESETS) expect(note).not.toContain('/generate');
  });

  it('say where a key is needed and that paid servers need one over TLS', () => {
    for (const preset of ENDPOINT_PRESETS) {
      expect(URL.canParse(preset.baseUrl)).toBe(true);
      if (!preset.keyNeeded) continue;
      expect(preset.baseUrl).toMatch(/^https:/);
      expect(preset.apiKeyEnv).toMatch(/^[A-Z_]+_API_KEY$/);
    }
  });
});
