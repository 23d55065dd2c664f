/** Nothing that anybody wrote reaches a terminal as more than text, and what is suggested can be typed. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Colours } from '../../../src/cli/colours.js';
import { quoteArgument, quotePath } from '../../../src/text/quote.js';
import { forTerminal } from '../../../src/cli/terminal.js';
import { useBuiltPackage } from '../runner/built-package.js';
import { startCli } from './run-cli.js';
import { writeAudit } from '../../pure/cli/written-audit.js';
import { float32, writeSafetensors } from '../../pure/models/peft/safetensors-file.js';

const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u;
const EVIL = '\u001b]0;owned\u0007\u001b[2J\u009b31m\u202egnp.exe\r\u001b[8m';

describe('what is printed', () => {
  it('has our colours, and no sequence of a text, not even the same', () => {
    const colours = new Colours(3);
    const shown = forTerminal(colours.error(`a ${EVIL}\u001b[31m`) + colours.shade('\u001b[4mx', 5));
    expect(shown).toContain('\u001b[31m');
    expect(shown).toContain('⟦ESC⟧[31m');
    expect(shown.replace(/\u001b\[[\d;]*m/gu, '')).not.toMatch(CONTROL);
    expect(shown.match(/\u001b\[[\d;]*m/gu)).toHaveLength(
      new Colours(3).error('').split('\u001b').length - 1 + new Colours(3).shade('', 5).split('\u001b').length - 1,
    );
  });

  it('holds nothing that a terminal would obey, whatever it is made of', () => {
    const parts = fc.oneof(
      fc.constantFrom('\u001b', '\u001b[', '31m', '\u009b', '\u0007', '\r', '\n', '\u202e', '\u001bP', 'm', '\u0000'),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(parts), (text) => {
        expect(forTerminal(text.join(''))).not.toMatch(CONTROL);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a suggested command', () => {
  const ARGUMENTS = [
    'plain',
    'two words',
    "it's",
    '"both\'',
    '$(touch owned)',
    '`touch owned`',
    'a\nb',
    'tab\there',
    '\u001b[2J',
    '\u202egnp',
    '-rf',
    '--out',
    'a\\b',
    '!history',
    '*',
    '~',
    '',
    'ünï',
    '#x',
    'a;b',
    'a&b',
    '\\n',
    "\\'",
    '$HOME',
    '\u{1F600}\n',
  ];

  it.runIf(process.platform !== 'win32')('is taken by a shell for what was meant', () => {
    const words = ARGUMENTS.map((text) => quoteArgument(text));
    const got = execFileSync('bash', ['-c', `printf '%s\\0' ${words.join(' ')}`], { env: { ...process.env, LC_ALL: 'C.UTF-8' } })
      .toString('utf8')
      .split('\0')
      .slice(0, -1);
    expect(got).toEqual(ARGUMENTS);
  });

  it('is one line that holds nothing unseen', () => {
    for (const text of ARGUMENTS) expect(quoteArgument(text)).not.toMatch(/[\p{Cc}\u202e]/u);
  });

  it.runIf(process.platform !== 'win32')('is taken for what was meant, whatever that is', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((one) => !one.includes('\0'));
    fc.assert(
      fc.property(fc.array(fc.oneof(text, fc.constantFrom("'", '\\', '\n', '$', '`', '!', "\\'")), { maxLength: 6 }), (parts) => {
        const argument = parts.join('');
        const got = execFileSync('bash', ['-c', `printf '%s' ${quoteArgument(argument)}`], { env: { ...process.env, LC_ALL: 'C.UTF-8' } }).toString('utf8');
        expect(got).toBe(argument);
      }),
      { numRuns: 60 },
    );
  });

  it('has no path that looks like an option, and on Windows double quotes', () => {
    expect(quotePath('-rf', 'linux')).toBe('./-rf');
    expect(quotePath('my audit', 'win32')).toBe('"my audit"');
    expect(quotePath('C:\\audits\\a', 'win32')).toBe('C:\\audits\\a');
  });
});

describe('the program', () => {
  const built = useBuiltPackage();
  const run = (...args: string[]) => startCli(built.cli, args, { cwd: built.scratch }).result;
  const expectClean = ({ stdout, stderr }: { stdout: string; stderr: string }) => expect(stdout + stderr).not.toMatch(CONTROL);

  it('prints no control sequence of a journal, a path, or an option', async () => {
    const [folder, other] = [join(built.scratch, 'audit'), join(built.scratch, 'other')];
    const evil = JSON.stringify(EVIL).slice(1, -1);
    for (const path of [folder, other]) {
      await writeAudit(path);
      const journal = join(path, 'audit.jsonl');
      writeFileSync(journal, readFileSync(journal, 'utf8').replaceAll(/"name":"[^"]*"/g, `"name":"${evil}"`));
    }
    // A PEFT adapter with harm in its folder's name, in a tensor's and in its metadata.
    const peft = join(built.scratch, `adapter ${EVIL}`);
    mkdirSync(peft);
    writeFileSync(join(peft, 'adapter_config.json'), JSON.stringify({ peft_type: 'LORA', r: 2, lora_alpha: 4, base_model_name_or_path: EVIL }));
    const tensor = { dtype: 'F32', shape: [1], data: float32([1]) };
    writeSafetensors(join(peft, 'adapter_model.safetensors'), { [`${EVIL}[x](command:quit)`]: tensor });
    const report = await run('report', folder);
    expect(report.code).toBe(0);
    expectClean(report);
    const compared = await run('compare', folder, other);
    expect(compared.stdout).toContain('⟦ESC⟧');
    expectClean(compared);
    for (const args of [
      ['report', `no${EVIL}folder`],
      ['audit', `--${EVIL}`],
      ['import', `no${EVIL}file`],
      ['audit', '--finetuned', `bundled:${EVIL}`, '--reference', `bundled:${EVIL}`],
      ['probe', EVIL],
      ['confirm', folder],
      ['confirm', `no${EVIL}folder`],
      ['audit', '--finetuned', 'bundled:base-a', '--reference', 'bundled:base-a', '--lora', `no${EVIL}adapter`],
      ...[peft, `${peft}/adapter_model.safetensors`].map((path) => ['convert-adapter', path, '--base', 'bundled:base-a', '--out', `x${EVIL}.gguf`]),
    ]) {
      const failed = await run(...args);
      expect(failed.code).not.toBe(0);
      expectClean(failed);
    }
  });

  it('suggests a command that a shell understands', async () => {
    writeFileSync(join(built.scratch, 'texts.csv'), 'prefill,completion\na,b\n');
    const folder = "it's $(touch owned)\nan audit";
    const { stdout, code } = await run('import', 'texts.csv', '--out', folder);
    expect(code).toBe(0);
    const suggested = /finetune-auditor report (.*)\n|cli\.mjs report (.*)\n/.exec(stdout)!;
    const got = execFileSync('bash', ['-c', `printf '%s' ${suggested[1] ?? suggested[2]!}`]).toString('utf8');
    expect(got).toBe(join(built.scratch, folder));
  });
});
