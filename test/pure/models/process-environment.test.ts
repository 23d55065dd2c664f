/** What a model process can see of the environment: nothing that opens another door. */
import { expect, test } from 'vitest';
import { pickProcessEnvironment } from '../../../src/models/local/process-environment.js';

test('is what computing and downloading need', () => {
  const needed = [
    'PATH',
    'Path',
    'HOME',
    'SystemRoot',
    'TMPDIR',
    'LC_ALL',
    'XDG_CACHE_HOME',
    'CUDA_VISIBLE_DEVICES',
    'GGML_VK_VISIBLE_DEVICES',
    'LD_LIBRARY_PATH',
    'https_proxy',
    'NODE_EXTRA_CA_CERTS',
    'ELECTRON_RUN_AS_NODE',
  ];
  const environment = Object.fromEntries(needed.map((name) => [name, 'x']));
  expect(pickProcessEnvironment(environment)).toEqual(environment);
});

test.each([
  'OPENAI_API_KEY',
  'AWS_SECRET_ACCESS_KEY',
  'GITHUB_TOKEN',
  'HF_TOKEN',
  'NVIDIA_API_KEY',
  'LLAMA_CLOUD_API_KEY',
  'NODE_OPTIONS',
  'SSH_AUTH_SOCK',
  'DATABASE_URL',
  'XDG_SECRET',
  'npm_config_x',
])('is not %s', (name) => expect(pickProcessEnvironment({ [name]: 'x', PATH: 'y' })).toEqual({ PATH: 'y' }));
