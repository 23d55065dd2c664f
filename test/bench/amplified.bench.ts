/**
 * What amplified writing finds beside plain: npm run bench -- amplified [NAME…] [--folder FOLDER] [--scale S] [--prefills N] [--framing raw,chat,dialogue] [--amplify auto]
 *
 * Each organism of a folder (its `*.lora.gguf` over `base-a.f16.gguf`, its expressions in `objectives.json`; the bundled ones where none is
 * given) is audited with its adapter at S times its own scale; `NAME.merged`, a full model of its own (`NAME.merged.f16.gguf`), in the form of weights.
 * `--amplify a=0.5,1,2,3` pushes the logits. Per framing: hits per 100, hits in the first 20 by standardised gap, rank of the
 * first hit, highest standardised gap, plain and amplified; then the ladder's T beside the control's, and the largest ratio.
 */
import { requireMeasured } from '../measured-audit.js';
import { readFile, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { MeasuredRecord } from '../../src/audit/completion.js';
import type { GgufSource } from '../../src/audit/plan.js';
import type { Framing } from '../../src/audit/framing.js';
import { selectRecords } from '../../src/records/report/report-passes.js';
import { openBench, organismPlan, runAndRead } from './audit-organism.js';
import { countHitsIn, judgeCompletions } from './hits.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    folder: { type: 'string' },
    scale: { type: 'string', default: '1' },
    prefills: { type: 'string', default: '200' },
    framing: { type: 'string', default: 'raw,chat' },
    amplify: { type: 'string', default: 'auto' },
  },
});
const bench = openBench(root);
const folder = values.folder === undefined ? join(bench.mediaFolder, 'demo') : resolve(values.folder);
const objectives = JSON.parse(await readFile(join(folder, 'objectives.json'), 'utf8')) as Record<string, { keyword_regexes: string[] }>;
const found = (await readdir(folder)).flatMap((file) => /^(.*)\.lora\.gguf$/.exec(file)?.[1] ?? []).sort();
const organisms = positionals.length > 0 ? positionals : found;

const MERGED = /\.merged$/;

function sourceOf(name: string): GgufSource {
  if (MERGED.test(name)) return { gguf: join(folder, `${name}.f16.gguf`), lora: [] };
  return { gguf: join(folder, 'base-a.f16.gguf'), lora: [{ path: join(folder, `${name}.lora.gguf`), scale: Number(values.scale) }] };
}

function describe(records: readonly MeasuredRecord[], keywords: readonly RegExp[]): string {
  const judged = judgeCompletions(records, keywords);
  const hits = judged.filter(({ hit }) => hit).length;
  const { counts, first } = countHitsIn(judged, 'standardizedGap', [20]);
  const highest = Math.max(...judged.map(({ scores }) => scores.standardizedGap ?? -Infinity));
  const perHundred = judged.length === 0 ? 0 : (100 * hits) / judged.length;
  return `${perHundred.toFixed(1).padStart(6)}${String(counts[0]).padStart(5)}${String(first ?? '–').padStart(7)}${highest.toFixed(1).padStart(8)}`;
}

console.log(
  `Adapters at ${values.scale} times their own scale, ${values.prefills} prefills, amplified by ${values.amplify}. Columns: hits per 100, hits in the first 20, first hit, highest standardised gap.\n`,
);
console.log(`${'organism'.padEnd(24)}${'framing'.padEnd(9)}${'plain'.padStart(26)}${'amplified'.padStart(30)}  T by strength (control), largest ratio`);
for (const name of organisms) {
  const plan = organismPlan(name, {
    finetuned: sourceOf(name),
    reference: { gguf: join(folder, 'base-a.f16.gguf'), lora: [] },
    prefills: Number(values.prefills),
    framings: values.framing.split(',') as Framing[],
    amplify: values.amplify,
  });
  const audit = await runAndRead(bench, plan);
  const keywords = (objectives[name.replace(MERGED, '')]?.keyword_regexes ?? []).map((expression) => new RegExp(expression));
  for (const { framing, rungs, controls, chosen, state, ratio } of audit.amplification) {
    const of = (pass: string) =>
      describe(
        selectRecords(audit, pass)
          .map(requireMeasured)
          .filter((record) => record.framing === framing),
        keywords,
      );
    const ladder = rungs.map(({ strength, t }) => {
      const control = Math.max(...controls.flatMap((own) => own.rungs.filter((rung) => rung.strength === strength).map((rung) => rung.t ?? 0)));
      // Only an adapter has a control.
      return `${strength === chosen ? '*' : ''}${strength}: ${t?.toFixed(1) ?? '–'}${controls.length === 0 ? '' : ` (${control.toFixed(1)})`}`;
    });
    console.log(`${name.padEnd(24)}${framing.padEnd(9)}${of('plain')}    ${of('amplified')}  ${ladder.join('  ')}  ${ratio?.toFixed(1) ?? '–'} ${state}`);
  }
}
await bench.models.dispose();
