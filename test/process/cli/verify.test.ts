/** `verify` on real audits: untouched, changed, damaged, moved, imported. */
import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { sealJson, unsealLine } from '../../../src/records/journal/journal-line.js';
import type { Verification } from '../../../src/runner/run/verify-audit.js';
import { MEDIA, REPOSITORY, useBuiltPackage } from '../runner/built-package.js';
import { startCli, type CliResult } from './run-cli.js';

const built = useBuiltPackage();
const cli = (...args: string[]): Promise<CliResult> => startCli(built.cli, args, { cwd: built.scratch }).result;
const WAIT = { timeout: 240_000 };
const WAVE = 8;
const ADAPTER = 'false-fact.lora.gguf';
let audit: string;
let copies = 0;

interface Completion {
  readonly type: string;
  readonly id: number;
  readonly reference: { readonly lp: number[] };
}

/** A copy of the audit whose lines `change` may change. */
function copyAudit(change: (lines: string[]) => void = () => undefined): string {
  const copy = join(built.scratch, `copy-${++copies}`);
  cpSync(audit, copy, { recursive: true });
  const path = join(copy, 'audit.jsonl');
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  change(lines);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return copy;
}

async function verify(folder: string, ...args: string[]): Promise<{ result: CliResult; verification: Verification }> {
  const result = await cli('verify', folder, '--json', ...args);
  return { result, verification: JSON.parse(result.stdout) as Verification };
}

beforeAll(async () => {
  audit = join(built.scratch, 'audit');
  const adapter = join(MEDIA, 'demo', ADAPTER);
  const flags = ['--prefills', '12', '--max-tokens', '16', '--wave-size', String(WAVE), '--noise-floor', 'bundled:base-a.q8_0', '--noise-floor-prefills', '4'];
  const made = await cli('audit', '--finetuned', 'bundled:base-a', '--lora', adapter, '--reference', 'bundled:base-a', ...flags, '--out', audit);
  expect(made, made.stderr).toMatchObject({ code: 0 });
}, 240_000);

describe('verify', () => {
  it('finds an untouched audit to hold, to the last digit, and leaves it untouched', WAIT, async () => {
    const journal = readFileSync(join(audit, 'audit.jsonl'));
    const { result, verification } = await verify(audit, '--completions', '5', '--seed', '7');
    expect(result.code).toBe(0);
    expect(verification).toMatchObject({ state: 'holds', completions: 24, seed: 7, notReproduced: null, journal: { faultCount: 0, without: 0 } });
    expect(verification.reproduced.map(({ agreement }) => agreement)).toEqual(Array(5).fill('same'));
    expect(verification.writtenBy?.machine).toContain(process.platform);
    expect(readFileSync(join(audit, 'audit.jsonl'))).toEqual(journal);
    const again = await cli('verify', audit, '--completions', '5', '--seed', '7');
    expect(again.stdout).toMatch(/^It holds: 5 completions, written and scored again, came out the same to the last digit\.\n/);
    expect(again.stdout).toContain(verification.journal.sha256);
  });

  it('finds out a logprob that was changed on purpose and sealed anew', WAIT, async () => {
    let id = -1;
    const changed = copyAudit((lines) => {
      const at = lines.findIndex((line) => line.startsWith('{"type":"completion"'));
      const line = JSON.parse(unsealLine(lines[at]!)) as Completion;
      id = line.id;
      line.reference.lp[0]! -= 1;
      lines[at] = sealJson(JSON.stringify(line)).trimEnd();
    });
    const { result, verification } = await verify(changed, '--completions', '24');
    expect(result.code).toBe(1);
    expect(verification).toMatchObject({ state: 'contradicted', journal: { faultCount: 0 } });
    const others = verification.reproduced.filter(({ agreement }) => agreement === 'other');
    expect(others).toMatchObject([{ id, largest: expect.closeTo(1, 4) as number }]);
    expect(others[0]!.fault).toContain('token 1 under the reference model');
  });

  it('names a line that an accident changed', WAIT, async () => {
    let number = -1;
    const damaged = copyAudit((lines) => {
      number = lines.findIndex((line) => line.startsWith('{"type":"completion"')) + 1;
      lines[number - 1] = lines[number - 1]!.replace(/-\d/, '-9');
    });
    const result = await cli('verify', damaged, '--completions', '0');
    expect(result.code).toBe(1);
    expect(result.stdout).toMatch(/^It does not hold: 1 line of the journal is damaged\./);
    expect(result.stdout).toContain(`Line ${number}: damaged: its checksum is not that of what it says.`);
  });

  it('takes models where they lie now, and other ones for no contradiction of the journal', WAIT, async () => {
    const moved = join(built.scratch, 'moved');
    mkdirSync(moved, { recursive: true });
    copyFileSync(join(MEDIA, 'demo/base-a.f16.gguf'), join(moved, 'base.gguf'));
    copyFileSync(join(MEDIA, 'demo', ADAPTER), join(moved, 'adapter.gguf'));
    const there = ['--finetuned', join(moved, 'base.gguf'), '--lora', join(moved, 'adapter.gguf'), '--reference', join(moved, 'base.gguf')];
    expect((await verify(audit, '--completions', '2', ...there)).verification).toMatchObject({
      state: 'holds',
      reproduced: [{ agreement: 'same' }, { agreement: 'same' }],
    });
    const other = ['--finetuned', join(moved, 'base.gguf'), '--lora', join(MEDIA, 'demo/bad-medical.lora.gguf')];
    const { result, verification } = await verify(audit, '--completions', '2', ...other);
    expect(result.code).toBe(0);
    expect(verification).toMatchObject({ state: 'unchecked', reproduced: [] });
    expect(verification.notReproduced).toMatch(/is not the adapter that this audit began with/);
  });

  it('is close on the other engine', WAIT, async () => {
    const { result, verification } = await verify(audit, '--completions', '6', '--engine', 'node-llama-cpp');
    expect(result.code).toBe(0);
    expect(verification.state).toBe('holds');
    expect(verification.engine).not.toBe(verification.writtenBy?.engine);
  });

  it('says of an import that there is no run to repeat', WAIT, async () => {
    const folder = join(built.scratch, 'imported');
    await cli('import', join(REPOSITORY, 'test/fixtures/import/published-form.json'), '--out', folder);
    const { result, verification } = await verify(folder);
    expect(result.code).toBe(0);
    expect(verification).toMatchObject({ state: 'unchecked', writtenBy: null, reproduced: [] });
    expect(verification.notReproduced).toContain('This audit was imported');
  });

  it('says what is not there', WAIT, async () => {
    const result = await cli('verify', join(built.scratch, 'nowhere'));
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(/^error: There is no /);
  });
});
