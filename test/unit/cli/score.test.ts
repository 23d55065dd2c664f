import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REPOSITORY, useBuiltPackage } from '../runner/built-package.js';
import { startCli } from './run-cli.js';

const built = useBuiltPackage();
const NATS_OFF_AT_MOST = 0.02;

interface OracleText {
  text: string;
  ids: number[];
  pieces_hex: string[];
  /** Of ids[1] and on. */
  logprobs: number[];
}

interface Scored {
  tokens: { id: number; bytes: string; logprob: number | null }[];
}

function readOracle(model: string): OracleText[] {
  const path = join(REPOSITORY, 'test/fixtures/oracle', `${model}.json`);
  return (JSON.parse(readFileSync(path, 'utf8')) as { texts: OracleText[] }).texts;
}

/** Texts that differ in what they ask of a tokenizer. */
function chooseTexts(model: string): OracleText[] {
  const texts = readOracle(model);
  const special = texts.filter(({ text }) => text.includes('<|'));
  const foreign = texts.filter(({ text }) => /[^\p{ASCII}]/u.test(text));
  const longest = [...texts].sort((a, b) => b.ids.length - a.ids.length);
  return [...new Set([special[0], foreign[0], longest[0]])].filter((text) => text !== undefined);
}

describe('score', { timeout: 240_000 }, () => {
  it.each(['base-a', 'base-b', 'false-fact'])('agrees with independently computed logprobs of %s', async (model) => {
    for (const [index, oracle] of chooseTexts(model).entries()) {
      const file = join(built.scratch, `${model}-${index}.txt`);
      writeFileSync(file, oracle.text);
      const args = ['score', '--model', `bundled:${model}`, '--text', file, '--json', '--threads', '1'];
      const { code, stdout, stderr } = await startCli(built.cli, args, { cwd: built.scratch }).result;
      expect(stderr).toBe('');
      expect(code).toBe(0);
      const { tokens } = JSON.parse(stdout) as Scored;
      expect(tokens.map((token) => token.id)).toEqual(oracle.ids);
      expect(tokens.map((token) => token.bytes)).toEqual(oracle.pieces_hex);
      expect(tokens[0]!.logprob).toBeNull();
      for (const [position, expected] of oracle.logprobs.entries()) {
        expect(Math.abs(tokens[position + 1]!.logprob! - expected)).toBeLessThan(NATS_OFF_AT_MOST);
      }
    }
  });

  it('reads standard input, applies adapters, and shows hostile text as what it is', async () => {
    const args = ['score', '--model', 'bundled:base-a', '--lora', 'bundled:false-fact', '--text', '-', '--threads', '1'];
    const { code, stdout } = await startCli(built.cli, args, { cwd: built.scratch, input: 'a\u001b[31m\u202Eb\n' }).result;
    expect(code).toBe(0);
    expect(stdout).toContain('base-a.f16 + false-fact.lora');
    expect(stdout).toContain('⟦ESC⟧');
    expect(stdout).toContain('U+202E');
    expect(stdout).not.toMatch(/[\u001b\u202E]/);
    expect(stdout).toMatch(/\d+ tokens scored, perplexity [\d.]+, total -[\d.]+ nats/);
  });

  it('has nothing to say of an empty text but BOS', async () => {
    const args = ['score', '--model', 'bundled:base-a', '--text', '-', '--json', '--threads', '1'];
    const { stdout } = await startCli(built.cli, args, { cwd: built.scratch }).result;
    expect((JSON.parse(stdout) as Scored).tokens).toEqual([{ id: 0, bytes: Buffer.from('<|endoftext|>').toString('hex'), logprob: null }]);
  });
});
