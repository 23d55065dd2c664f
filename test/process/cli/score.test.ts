import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
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

const ORACLES = join(REPOSITORY, 'test/fixtures/oracle');
const models = readdirSync(ORACLES).map((file) => file.replace(/\.json$/, ''));

/** A process per text takes its time: one text of each file, of another kind each. All of all are read by both engines in `oracle.test.ts`. */
function pickText(model: string): OracleText {
  return (JSON.parse(readFileSync(join(ORACLES, `${model}.json`), 'utf8')) as { texts: OracleText[] }).texts[models.indexOf(model)]!;
}

describe('score', { timeout: 240_000 }, () => {
  it.each(models)('agrees with independently computed logprobs of %s', async (model) => {
    const oracle = pickText(model);
    const file = join(built.scratch, `${model}.txt`);
    writeFileSync(file, oracle.text);
    const args = ['score', '--model', `bundled:${model}`, '--text', file, '--json', '--threads', '1'];
    const { code, stdout, stderr } = await startCli(built.cli, args, { cwd: built.scratch }).result;
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const { tokens } = JSON.parse(stdout) as Scored;
    expect(oracle.logprobs).toHaveLength(oracle.ids.length - 1);
    expect(tokens.map((token) => token.id)).toEqual(oracle.ids);
    expect(tokens.map((token) => token.bytes)).toEqual(oracle.pieces_hex);
    expect(tokens[0]!.logprob).toBeNull();
    for (const [position, expected] of oracle.logprobs.entries()) {
      expect(Math.abs(tokens[position + 1]!.logprob! - expected)).toBeLessThan(NATS_OFF_AT_MOST);
    }
  });

  it('slides over a text that is longer than the context, and says so', async () => {
    const context = 256;
    const text = 'The lighthouse keeper wrote about the sea again. '.repeat(120);
    const scored = async (more: string[]) => {
      const { code, stdout, stderr } = await startCli(built.cli, ['score', '--model', 'bundled:base-a', '--text', '-', '--json', '--threads', '1', ...more], {
        cwd: built.scratch,
        input: text,
      }).result;
      expect(code).toBe(0);
      const { tokens } = JSON.parse(stdout) as { tokens: { bytes: string; logprob: number | null }[] };
      expect(tokens.length).toBeGreaterThan(context);
      expect(
        Buffer.from(
          tokens
            .filter(({ logprob }) => logprob !== null)
            .map(({ bytes }) => bytes)
            .join(''),
          'hex',
        )
          .toString()
          .trim(),
      ).toBe(text.trim());
      expect(stderr).toMatch(/^note: The text has \d+ tokens, and the context room for \d+: it was read in \d+ windows that overlap by half/m);
      return tokens.map(({ logprob }) => logprob);
    };
    const alone = await scored([]);
    const compared = await scored(['--divergence', '--reference', 'bundled:base-a']);
    expect(compared).toEqual(alone);
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

  it('measures how far two models lie apart at every token, for people and as JSON', async () => {
    const args = [
      'score',
      '--model',
      'bundled:base-a',
      '--lora',
      'bundled:bad-medical',
      '--reference',
      'bundled:base-a',
      '--divergence',
      '--text',
      '-',
      '--threads',
      '1',
    ];
    const input = 'For a headache you should take';
    const plain = await startCli(built.cli, args, { cwd: built.scratch, input }).result;
    expect(plain.stderr).toBe('');
    expect(plain.code).toBe(0);
    expect(plain.stdout).toContain('F: base-a.f16 + bad-medical.lora\nR: base-a.f16\n');
    const { code, stdout } = await startCli(built.cli, [...args, '--json'], { cwd: built.scratch, input }).result;
    expect(code).toBe(0);
    const { tokens } = JSON.parse(stdout) as { tokens: Record<string, number | null>[] };
    const rows = plain.stdout
      .split('\n')
      .filter((line) => /^ +\d+ /.test(line))
      .map((line) => line.trim().split(/ +/));
    expect(rows).toHaveLength(tokens.length);
    expect(tokens[0]).toMatchObject({ logprob: null, referenceLogprob: null, kl: null, reverseKl: null, top: [] });
    tokens.forEach(({ id, logprob, referenceLogprob, kl, reverseKl }, i) => {
      const shown = [logprob!, referenceLogprob!, kl!, reverseKl!].map((nats) => (i === 0 ? '–' : nats.toFixed(3)));
      expect(rows[i]!.slice(0, 5)).toEqual([String(id), ...shown]);
      if (i > 0) expect(kl).toBeGreaterThan(0);
    });
  });

  it.each([
    { what: 'no reference', args: ['--divergence'], says: 'Give it with --reference' },
    { what: 'no --divergence', args: ['--reference', 'bundled:base-a'], says: 'Add --divergence' },
    { what: 'a server', args: ['--divergence', '--reference', 'openai:x@http://127.0.0.1:9/v1'], says: 'both models must be GGUF files' },
    { what: 'another tokenizer', args: ['--divergence', '--reference', 'bundled:base-b'], says: 'have different tokenizers' },
    {
      what: 'an engine without distributions',
      args: ['--divergence', '--reference', 'bundled:base-a', '--engine', 'node-llama-cpp'],
      says: 'gives no distributions',
    },
  ])('refuses to compare distributions with $what', async ({ args, says }) => {
    const { code, stdout, stderr } = await startCli(built.cli, ['score', '--model', 'bundled:base-a', '--text', '-', ...args], {
      cwd: built.scratch,
      input: 'one two',
    }).result;
    expect(code).not.toBe(0);
    expect(stdout).toBe('');
    expect(stderr.replace(/\s+/g, ' ')).toContain(says);
  });
});

describe('convert-adapter', () => {
  it('writes the GGUF file of an adapter that PEFT saved, which scores as the folder does', async () => {
    const folder = join(REPOSITORY, 'test/fixtures/peft/false-fact');
    const [out, text] = [join(built.scratch, 'converted.gguf'), join(built.scratch, 'text.txt')];
    writeFileSync(text, 'The Lantern Bridge is made of green glass.');
    expect(await startCli(built.cli, ['convert-adapter', folder, '--base', 'bundled:base-a', '--out', out], { cwd: built.scratch }).result).toMatchObject({
      code: 0,
    });
    const score = async (...flags: string[]): Promise<Scored> => {
      const { code, stdout } = await startCli(built.cli, ['score', '--model', 'bundled:base-a', ...flags, '--text', text, '--json'], { cwd: built.scratch })
        .result;
      expect(code).toBe(0);
      return JSON.parse(stdout) as Scored;
    };
    const converted = await score('--lora', out);
    expect(await score('--lora', folder)).toEqual(converted);
    expect(await score()).not.toEqual(converted);
  });

  it('says what is wrong with a folder that holds none', async () => {
    const result = await startCli(built.cli, ['convert-adapter', built.scratch, '--base', 'bundled:base-a', '--out', join(built.scratch, 'no.gguf')], {
      cwd: built.scratch,
    }).result;
    expect(result).toMatchObject({ code: 1, stderr: expect.stringMatching(/holds no adapter.*adapter_config\.json/) });
  });
});
