/**
 * Whether the verdict keeps its level: audits of a model against another quantisation of itself, with openings of their own each, have nothing to find.
 * At a nominal level of 1 %, at most 5 % of them may be called "beyond noise".
 *
 *   npm run bench -- calibration [AUDITS] [OPENINGS]      200 audits of 40 openings in two framings, a noise floor of as many
 */
import { fileURLToPath } from 'node:url';
import { AuditAnalysis } from '../../src/analysis/audit-analysis.js';
import { LEVEL } from '../../src/analysis/verdict/verdict.js';
import { runAtOnce } from '../../src/text/slices.js';
import { openBench, organismPlan, runPassesOf } from './audit-organism.js';

const [audits = 200, openings = 40] = process.argv.slice(2).map(Number);
const MODELS = ['base-a', 'base-a.q8_0'] as const;
const bench = openBench(fileURLToPath(new URL('../..', import.meta.url)));
console.log(`${audits} audits of ${openings} openings in two framings, nominal level ${100 * LEVEL} %\n`);
console.log('| finetuned | reference | beyond noise | within noise | undetermined | completions called beyond |\n|---|---|---|---|---|---|');
for (const [finetuned, reference] of [MODELS, [MODELS[1], MODELS[0]] as const]) {
  const states = new Map<string, number>();
  let called = 0;
  for (let seed = 1; seed <= audits; seed++) {
    const plan = organismPlan('calibration', {
      finetuned: { gguf: `bundled:${finetuned}`, lora: [] },
      reference: { gguf: `bundled:${reference}`, lora: [] },
      noiseFloor: { model: { gguf: `bundled:${finetuned}`, lora: [] }, prefills: openings },
      prefills: openings,
      seed,
    });
    const passes = await runPassesOf(bench, plan);
    const { state, carriers } = runAtOnce(new AuditAnalysis((pass) => passes.get(pass) ?? []).verdict(false));
    states.set(state, (states.get(state) ?? 0) + 1);
    called += carriers.completions;
  }
  const count = (state: string) => `${states.get(state) ?? 0} (${((100 * (states.get(state) ?? 0)) / audits).toFixed(1)} %)`;
  console.log(`| ${finetuned} | ${reference} | ${count('beyondNoise')} | ${count('withinNoise')} | ${count('undetermined')} | ${called} |`);
}
await bench.models.dispose();
process.exit(0);
