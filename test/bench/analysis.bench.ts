/**
 * CPU time (a busy machine does not lengthen it) of all that is concluded of an audit: verdict, themes, hidden text, groups and keywords of completions made at random from a
 * small vocabulary with a planted phrase.
 *
 *   npm run bench -- analysis [--completions 10000] [--tokens 100]
 */
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { AuditAnalysis } from '../../src/analysis/audit-analysis.js';
import type { MeasuredRecord } from '../../src/audit/completion.js';
import { NOISE, PLAIN } from '../../src/audit/passes.js';
import { Random } from '../../src/audit/random.js';
import { runAtOnce, type Steps } from '../../src/text/slices.js';

const { values } = parseArgs({ options: { completions: { type: 'string', default: '10000' }, tokens: { type: 'string', default: '100' } } });
const random = new Random(7);
const utf8 = new TextEncoder();
const vocabulary = Array.from({ length: 8000 }, (_, id) => ` ${id.toString(36)}${'aeiou'[id % 5]}n`);
const pieces = vocabulary.map((text, id) => ({ id, bytes: utf8.encode(id % 12 === 0 ? '.' : text), control: false }));
/** Frequent words are frequent, as in any language. */
const draw = (): number => Math.floor(8000 ** ((random.nextUint32() + 0.5) / 2 ** 32));
const round = (value: number): number => Math.round(value * 1e5) / 1e5;

function makeRecord(id: number): MeasuredRecord {
  const ids = Array.from({ length: Number(values.tokens) }, draw);
  if (id % 20 === 0) ids.splice(10, 3, 4001, 4003, 4007);
  const finetuned = ids.map(() => round(-3 * (random.nextUint32() / 2 ** 32)));
  const reference = finetuned.map((logprob, k) => round(logprob - (ids[k]! >= 4001 && ids[k]! <= 4007 ? 6 : random.nextUint32() / 2 ** 32 < 0.1 ? 2 : 0.2)));
  return {
    kind: 'measured',
    id,
    framing: id % 2 ? 'chat' : 'raw',
    prefill: { pieces: [pieces[draw()]!, pieces[draw()]!, pieces[id % 8000]!] },
    tokens: ids.map((one) => pieces[one]!),
    logprobsFinetuned: finetuned,
    reference: { kind: 'sameTokens', logprobs: reference },
    end: null,
  };
}

const records = Array.from({ length: Number(values.completions) }, (_, id) => makeRecord(id));
const noise = records.slice(0, 200).map((record) => ({ ...record, reference: { kind: 'sameTokens' as const, logprobs: record.logprobsFinetuned } }));
const analysis = new AuditAnalysis((pass) => (pass === PLAIN ? records : pass === NOISE ? noise : []));
let total = 0;
let longest = 0;

function time<T>(name: string, steps: Steps<T>): T {
  const begin = process.cpuUsage();
  let longestHere = 0;
  const value = runAtOnce(
    (function* (): Steps<T> {
      for (let last = performance.now(); ; last = performance.now()) {
        const step = steps.next();
        longestHere = Math.max(longestHere, performance.now() - last);
        if (step.done) return step.value;
        yield;
      }
    })(),
  );
  const { user, system } = process.cpuUsage(begin);
  const spent = (user + system) / 1000;
  total += spent;
  longest = Math.max(longest, longestHere);
  console.log(`${name.padEnd(22)}${spent.toFixed(0).padStart(6)} ms, longest step ${longestHere.toFixed(0)} ms`);
  return value;
}

console.log(`${values.completions} completions of ${values.tokens} tokens\n`);
time('figures', analysis.figures());
time('hidden text', analysis.hidden());
const themes = time('themes', analysis.themes());
time('verdict', analysis.verdict(false));
time('groups', analysis.groups());
time('keywords', analysis.keywords([{ name: 'a', words: ['an'] }], 'meanGap'));
console.log(`${'all'.padEnd(22)}${total.toFixed(0).padStart(6)} ms; longest step ${longest.toFixed(0)} ms; first theme: ${themes[0]?.phrase}`);
