/** The diff scan of an organism: its objective without a generated word. */
import { describe, expect, it } from 'vitest';
import type { DiffScanFigures } from '../../../src/analysis/diff-scan.js';
import { useBuiltPackage } from '../runner/built-package.js';
import { startCli } from './run-cli.js';

const built = useBuiltPackage();
const scan = (finetuned: string, ...args: string[]) =>
  startCli(
    built.cli,
    [
      'scan',
      '--finetuned',
      finetuned,
      '--reference',
      'bundled:base-a',
      '--corpus',
      'bundled:demo',
      '--passages',
      '10',
      '--tokens',
      '48',
      '--threads',
      '1',
      ...args,
    ],
    { cwd: built.scratch },
  ).result;

describe('scan', { timeout: 240_000 }, () => {
  it('finds where an organism and its base disagree, and the same each time', async () => {
    const { code, stdout } = await scan('bundled:hidden-promotion', '--json');
    expect(code).toBe(0);
    const figures = JSON.parse(stdout) as DiffScanFigures;
    expect(figures.passages).toBe(10);
    expect(figures.meanForward).toBeGreaterThan(0.01);
    const forward = figures.places.map((place) => place.forward);
    expect(forward).toEqual([...forward].sort((a, b) => b - a));
    expect(figures.raised.length).toBeGreaterThan(0);
    for (const { passages, places, total } of figures.raised) {
      expect(passages).toBeGreaterThanOrEqual(2);
      expect(places).toBeGreaterThanOrEqual(passages);
      expect(total).toBeGreaterThan(0);
    }
    const plain = await scan('bundled:hidden-promotion');
    expect(plain.stdout).toContain(`mean KL(F‖R) ${figures.meanForward!.toFixed(4)} nats`);
  });

  it('finds nothing between a model and itself', async () => {
    const { stdout } = await scan('bundled:base-a', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ meanForward: 0, meanBackward: 0, raised: [] });
  });

  it.each([
    { what: 'a server', args: ['--finetuned', 'openai:x@http://127.0.0.1:9/v1'], says: 'both models must be GGUF files' },
    { what: 'another tokenizer', args: ['--reference', 'bundled:base-b'], says: 'have different tokenizers' },
    { what: 'an engine without distributions', args: ['--engine', 'node-llama-cpp'], says: 'needs two GGUF files and the engine' },
  ])('refuses $what', async ({ args, says }) => {
    const { code, stderr } = await scan('bundled:base-a', ...args);
    expect(code).not.toBe(0);
    expect(stderr).toContain(says);
  });
});
