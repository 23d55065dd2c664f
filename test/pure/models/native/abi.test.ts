/** Libraries with another interface than the one described are refused, with the reason. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  ABI_VERSION,
  BATCH,
  CONTEXT_PARAMS,
  DEFAULT_CONTEXT_PARAMS,
  DEFAULT_MODEL_PARAMS,
  MODEL_PARAMS,
} from '../../../../src/models/local/process/native/abi.js';
import { checkDefaults, checkVersion, NativeUnavailableError } from '../../../../src/models/local/process/native/abi-check.js';
import { findLibrariesFolder } from '../../../../src/models/local/process/native/libraries-folder.js';
import { loadLlamaLibrary } from '../../../../src/models/local/process/native/library.js';

describe('the interface of llama.cpp', () => {
  it('is refused in any other version', () => {
    checkVersion(ABI_VERSION);
    for (const version of ['', '0.4.9', '0.5.0', '0.5.1-dev', `${ABI_VERSION} `]) {
      expect(() => checkVersion(version)).toThrow(new NativeUnavailableError(`llama.cpp is ${version}, and its interface is known for ${ABI_VERSION}`));
    }
  });

  it.each([
    { name: 'llama_model_default_params', layout: MODEL_PARAMS, defaults: DEFAULT_MODEL_PARAMS },
    { name: 'llama_context_default_params', layout: CONTEXT_PARAMS, defaults: DEFAULT_CONTEXT_PARAMS },
  ])('is refused where one value of $name() is another', ({ name, layout, defaults }) => {
    expect(Object.keys(defaults).sort()).toEqual(Object.keys(layout).sort());
    checkDefaults(name, defaults, defaults);
    for (const [member, value] of Object.entries(defaults)) {
      const other = value === null ? 8n : typeof value === 'boolean' ? !value : Number(value) + 1;
      expect(() => checkDefaults(name, { ...defaults, [member]: other }, defaults)).toThrow(
        `${name}() gives ${member} = ${String(other)}, not ${String(value)}`,
      );
      const { [member]: _left, ...rest } = defaults;
      expect(() => checkDefaults(name, rest, defaults)).toThrow(`${name}() gives ${member} = undefined`);
    }
  });

  it('takes a count that koffi gives as a bigint', () => {
    checkDefaults('f', { n_samplers: 0n, samplers: null }, { n_samplers: 0, samplers: null });
    expect(() => checkDefaults('f', { n_samplers: 1n }, { n_samplers: 0 })).toThrow(NativeUnavailableError);
  });

  it('has a type for every member', () => {
    for (const layout of [MODEL_PARAMS, CONTEXT_PARAMS, BATCH]) {
      for (const type of Object.values(layout)) expect(['void *', 'bool', 'float', 'int32_t', 'uint32_t', 'size_t']).toContain(type);
    }
  });
});

describe('the libraries', () => {
  it('are refused where they are missing or there are several', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'libraries-'));
    try {
      await expect(loadLlamaLibrary(folder)).rejects.toThrow(`0 libraries named llama lie in ${folder}`);
      for (const name of ['libllama.v1.so', 'libllama.v2.so', 'libllama-common.so']) writeFileSync(join(folder, name), '');
      await expect(loadLlamaLibrary(folder)).rejects.toThrow(`2 libraries named llama lie in ${folder}`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('are refused where node-llama-cpp computes with others: no device is known to them', async () => {
    await expect(loadLlamaLibrary(findLibrariesFolder(false))).rejects.toThrow('the libraries found are not those that node-llama-cpp loaded');
  });

  it('are named where their package is missing', () => {
    expect(() => findLibrariesFolder('imaginary')).toThrow(/there is no package @node-llama-cpp\/.*-imaginary/);
  });
});
