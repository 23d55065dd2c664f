/** The native engine is checked once per installation; whatever is wrong with it or with the kept outcome, models open. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineChoice } from '../../../../src/messages/model-process.js';
import { readOutcome } from '../../../../src/models/local/process/native/outcome-cache.js';
import { baseA, never, SHAPE, useLocalModels } from '../local-process.js';

describe('choosing an engine', () => {
  const local = useLocalModels();
  const before = process.env['XDG_CACHE_HOME'];
  let cache = '';
  const folder = () => join(cache, 'finetune-auditor');
  const kept = () => readdirSync(folder()).map((name) => join(folder(), name));
  beforeAll(() => {
    cache = mkdtempSync(join(tmpdir(), 'outcomes-'));
    process.env['XDG_CACHE_HOME'] = cache;
  });
  afterAll(() => {
    if (before === undefined) delete process.env['XDG_CACHE_HOME'];
    else process.env['XDG_CACHE_HOME'] = before;
    rmSync(cache, { recursive: true, force: true });
  });

  /** Opens a model in a process of its own. */
  async function engineOf(engine: EngineChoice): Promise<{ engine: string; warnings: string[]; remarks: readonly string[] }> {
    const warnings: string[] = [];
    const models = local.start({ engine, onLog: (level, text) => level === 'warn' && warnings.push(text) });
    try {
      const { model } = await models.open(baseA, SHAPE, never);
      return { engine: model.identity.engine, warnings, remarks: model.remarks ?? [] };
    } finally {
      await models.dispose();
    }
  }
  const native = /^llama\.cpp \S+ called directly, from node-llama-cpp [\d.]+, CPU$/;
  const throughInterface = /^node-llama-cpp [\d.]+, CPU$/;

  it('checks at the first start, keeps the outcome, and names the engine in the identity', async () => {
    const { engine, warnings } = await engineOf('auto');
    expect(engine).toMatch(native);
    expect(warnings).toEqual([]);
    expect(kept()).toHaveLength(1);
    expect(JSON.parse(readFileSync(kept()[0]!, 'utf8'))).toEqual({ problem: null });
  });

  it.each(['', 'no JSON', 'null', '{"problem":5}', '[]'])('takes no outcome from what is damaged: %j', (text) => {
    const path = join(cache, 'damaged.json');
    writeFileSync(path, text);
    expect(readOutcome(path)).toBeUndefined();
    rmSync(path);
  });

  it('checks again where what was kept is damaged', async () => {
    const [path] = kept();
    writeFileSync(path!, 'no JSON');
    expect((await engineOf('auto')).engine).toMatch(native);
    expect(kept()).toEqual([path]);
    expect(JSON.parse(readFileSync(path!, 'utf8'))).toEqual({ problem: null });
  });

  it('computes through the public interface where the check found something, and says why in the log and of the model', async () => {
    const problem = 'the two engines write different texts';
    writeFileSync(kept()[0]!, JSON.stringify({ problem }));
    const { engine, warnings, remarks } = await engineOf('auto');
    expect(engine).toMatch(throughInterface);
    const reason = `Computing through node-llama-cpp's public interface, which is slower: ${problem}.`;
    expect(warnings).toEqual([reason]);
    // Remarks stand in the journal and in About this audit.
    expect(remarks).toContain(reason);
  });

  it('tells the reason where the native engine was asked for by name', async () => {
    writeFileSync(kept()[0]!, JSON.stringify({ problem: 'logprobs of the two engines differ' }));
    await expect(engineOf('native')).rejects.toMatchObject({
      code: 'unsupportedModel',
      message: expect.stringContaining('The native engine does not work here: logprobs of the two engines differ. Choose the engine') as string,
    });
  });

  it('is not checked for where the public interface was asked for', async () => {
    rmSync(folder(), { recursive: true });
    const { engine, warnings } = await engineOf('node-llama-cpp');
    expect(engine).toMatch(throughInterface);
    expect(warnings).toEqual([]);
    expect(readdirSync(cache)).toEqual([]);
  });

  it('works where nothing can be kept', async () => {
    writeFileSync(folder(), 'a file where the folder would be');
    expect((await engineOf('auto')).engine).toMatch(native);
  });
});
