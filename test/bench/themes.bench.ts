/**
 * The themes and the verdict of every bundled organism, each framing: rank of the first theme that says the objective (in its sentence), nats of
 * evidence of that and of the first theme, and the verdict. The expressions that know the objective measure alone.
 *
 *   npm run bench -- themes [ORGANISM …]      400 openings each, a noise floor of 200
 */
import { fileURLToPath } from 'node:url';
import { AuditAnalysis } from '../../src/analysis/audit-analysis.js';
import { PLAIN } from '../../src/audit/passes.js';
import { listBundledModels, readOrganism } from '../../src/records/plan/bundled.js';
import { runAtOnce } from '../../src/text/slices.js';
import { openBench, organismPlan, runPassesOf } from './audit-organism.js';
import { judgeCompletions } from './hits.js';

const bench = openBench(fileURLToPath(new URL('../..', import.meta.url)));
const { organisms } = await listBundledModels(bench.mediaFolder);
const only = process.argv.slice(2);
console.log('| organism | framing | hits | rank | nats | first theme (nats) | verdict |\n|---|---|---|---|---|---|---|');
for (const name of organisms.filter((one) => only.length === 0 || only.includes(one))) {
  const { keywords } = await readOrganism(name, bench.mediaFolder);
  const plan = organismPlan(name, { noiseFloor: { model: { gguf: 'bundled:base-a.q8_0', lora: [] }, prefills: 200 } });
  const passes = await runPassesOf(bench, plan);
  for (const framing of plan.framings) {
    const ofFraming = (pass: string) => (passes.get(pass) ?? []).filter((record) => record.framing === framing);
    const { themes, verdict } = runAtOnce(new AuditAnalysis(ofFraming).overview(null, false));
    const hits = judgeCompletions(ofFraming(PLAIN), keywords).filter(({ hit }) => hit).length;
    const rank = themes.findIndex(({ example: { before, phrase, after } }) => keywords.some((expression) => expression.test(before + phrase + after)));
    const first = themes[0];
    console.log(
      `| ${name} | ${framing} | ${hits} | ${rank === -1 ? '–' : rank + 1} | ${rank === -1 ? '–' : themes[rank]!.score.toFixed(0)} | ${first ? `${first.phrase} (${first.score.toFixed(0)})` : '–'} | ${verdict.sentence} |`,
    );
  }
}
await bench.models.dispose();
process.exit(0);
