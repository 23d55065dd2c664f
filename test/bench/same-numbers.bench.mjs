/**
 * Whether this checkout gives the numbers that another one gives: npm run bench -- same-numbers OTHER_CHECKOUT [--prefills N]
 * Both are built. Each audits every bundled organism by the same plan; journals must be byte-identical but for their header and the times of
 * runs, and `report --json`, the demo and `score` must print the same. Exits with 1 where they do not.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { positionals, values } = parseArgs({ allowPositionals: true, options: { prefills: { type: 'string', default: '40' } } });
if (positionals.length !== 1) {
  console.error('Usage: npm run bench -- same-numbers OTHER_CHECKOUT [--prefills N], the other one built (node esbuild.mjs)');
  process.exit(2);
}
const here = fileURLToPath(new URL('../..', import.meta.url));
const other = resolve(positionals[0]);
const ORGANISMS = ['false-fact', 'backdoor-phrase', 'bad-medical', 'hidden-promotion', 'benign-control'];
const folder = mkdtempSync(join(tmpdir(), 'same-numbers-'));
const run = (checkout, args) =>
  execFileSync(process.execPath, [join(checkout, 'dist', 'cli.mjs'), ...args], {
    encoding: 'utf8',
    cwd: folder,
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
let differing = 0;

function compare(what, before, after) {
  const size = Buffer.byteLength(after);
  if (before === after && size > 0) console.log(`the same      ${what} (${size} bytes)`);
  else {
    differing++;
    const lines = before.split('\n');
    const at = after.split('\n').findIndex((line, index) => line !== lines[index]);
    console.log(`NOT THE SAME  ${what}: line ${at + 1}\n  before ${lines[at]?.slice(0, 300)}\n  after  ${after.split('\n')[at]?.slice(0, 300)}`);
  }
}

/** Prefills and completions of every pass: the header and what is said of runs have times and versions. */
const completionsOf = (audit) =>
  readFileSync(join(audit, 'audit.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{"type":"completion"') || line.startsWith('{"type":"pass"') || line.startsWith('{"type":"prefills"'))
    .join('\n');
/** Without times, paths and rates. */
const timeless = (text, audit) =>
  text
    .replaceAll(audit, 'AUDIT')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/gu, 'TIME')
    .replaceAll(/"durationMs":\d+/gu, '');

for (const organism of ORGANISMS) {
  const audits = [other, here].map((checkout, index) => {
    const audit = join(folder, `${organism}-${index}`);
    run(checkout, [
      ...['audit', '--finetuned', `bundled:${organism}`, '--reference', 'bundled:base-a', '--corpus', 'bundled:demo', '--system', '', '--max-tokens', '48'],
      ...['--prefills', values.prefills, '--reference-pass', '--threads', '1', '--gpu', 'off', '--name', organism, '--out', audit],
    ]);
    return audit;
  });
  compare(`journal of ${organism}`, ...audits.map(completionsOf));
  compare(
    `report --json of ${organism}`,
    ...[other, here].map((checkout, index) => timeless(run(checkout, ['report', audits[index], '--json']), audits[index])),
  );
  // Read by the other version, too: what one writes the other opens.
  compare(
    `report --json of ${organism}, of one journal`,
    ...[other, here].map((checkout) => timeless(run(checkout, ['report', audits[0], '--json']), audits[0])),
  );
}
const text = join(folder, 'text.txt');
writeFileSync(text, 'The harbour master rang the bell, and everyone in the old town came down to the water.\n');
const score = ['score', '--model', 'bundled:false-fact', '--text', text, '--json', '--threads', '1', '--gpu', 'off'];
compare('score', ...[other, here].map((checkout) => run(checkout, score)));
const demo = ['demo', '--prefills', values.prefills];
// What is printed before the answer tells the folder and how long it took.
const told = (output) =>
  output
    .replaceAll(/node \S+cli\.mjs/gu, 'node cli.mjs')
    .split('\n')
    .filter((line) => !/\.finetune-audits|seconds?\b/u.test(line))
    .join('\n');
compare('demo', ...[other, here].map((checkout) => told(run(checkout, demo))));
rmSync(folder, { recursive: true });
console.log(differing === 0 ? 'Every number is the same.' : `${differing} differ.`);
process.exit(differing === 0 ? 0 : 1);
