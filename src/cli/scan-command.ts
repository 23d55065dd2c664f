/** `scan`: where two models disagree over general text, and what the finetuned one says more. Nothing is generated. */
import type { Command } from 'commander';
import { PLAN_BOUNDS, PLAN_DEFAULTS, type AdapterSource, type ModelSource } from '../audit/plan.js';
import type { DiffScanFigures } from '../analysis/diff-scan.js';
import { computeOptionsOf, type ComputeOptions } from '../messages/model-process.js';
import type { ModelLease } from '../models/provider.js';
import { readCorpus } from '../records/corpus/read-corpus.js';
import { resolveBundledCorpus, resolveBundledModel } from '../records/plan/bundled.js';
import { OPENING_TOKENS, requireScannable, scanPassages } from '../runner/text/scan-passages.js';
import { Colours } from './colours.js';
import { colourText } from './completion-text.js';
import { createModels, MEDIA_FOLDER } from './environment.js';
import { listenForStop } from './exit.js';
import { addComputeOptions, MODEL_FORMS, parseAdapter, parseModel, wholeNumber, withAdapters } from './model-options.js';
import { print, printAside, printData, printNote } from './terminal.js';

interface ScanFlags extends ComputeOptions {
  finetuned: ModelSource;
  lora?: AdapterSource[];
  reference: ModelSource;
  referenceLora?: AdapterSource[];
  corpus: string[];
  passages: number;
  tokens: number;
  list: number;
  seed: number;
  json?: boolean;
  allowDownload?: boolean;
}

const WAVE = 4;
const PROGRESS_EVERY_MS = 5000;

export function addScanCommand(program: Command): void {
  const command = program
    .command('scan')
    .description(
      'Where two models disagree most over passages of general text, and which tokens the finetuned one says more in many of them. Generates nothing (GGUF files with one tokenizer, native engine).',
    )
    .requiredOption('--finetuned <model>', `the model under audit: ${MODEL_FORMS}`, parseModel)
    .option('--lora <file[:scale]>', 'LoRA adapter over the finetuned model (repeatable)', parseAdapter)
    .requiredOption('--reference <model>', 'the model it is compared with', parseModel)
    .option('--reference-lora <file[:scale]>', 'LoRA adapter over the reference model (repeatable)', parseAdapter)
    .option('--corpus <paths...>', 'files, folders or globs of general text', [...PLAN_DEFAULTS.corpus])
    .option('--passages <n>', 'passages to read, drawn by the seed', wholeNumber(1, 100_000), 200)
    .option('--tokens <n>', 'tokens of each passage to read', wholeNumber(8, 2048), 128)
    .option('--list <n>', 'places and tokens to list', wholeNumber(1, 1000), 20)
    .option('--seed <n>', 'seed of the draw', wholeNumber(...PLAN_BOUNDS.seed), PLAN_DEFAULTS.seed)
    .option('--json', 'print JSON')
    .option('--allow-download', 'let hf: addresses be downloaded');
  addComputeOptions(command).action(scan);
}

async function scan(flags: ScanFlags): Promise<void> {
  const { allowDownload = false, passages: count, tokens, list, seed } = flags;
  const pair = [withAdapters(flags.finetuned, flags.lora), withAdapters(flags.reference, flags.referenceLora)] as const;
  requireScannable({ finetuned: pair[0], reference: pair[1] });
  const models = createModels(computeOptionsOf(flags));
  const stop = listenForStop();
  const leases: ModelLease[] = [];
  try {
    const { passages, remarks } = await readCorpus(
      flags.corpus.map((address) => resolveBundledCorpus(address, MEDIA_FOLDER)),
      { signal: stop.signal },
    );
    remarks.forEach(printNote);
    const shape = { waveSize: WAVE, contextTokens: tokens + OPENING_TOKENS, allowDownload };
    for (const source of pair) leases.push(await models.open(await resolveBundledModel(source, MEDIA_FOLDER), shape, stop.signal));
    const [finetuned, reference] = [leases[0]!.model, leases[1]!.model];
    for (const remark of new Set([...(finetuned.remarks ?? []), ...(reference.remarks ?? [])])) printNote(remark);
    let told = Date.now();
    const onProgress = (done: number, total: number): void => {
      if (Date.now() - told < PROGRESS_EVERY_MS) return;
      told = Date.now();
      printAside(`${done} of ${total} passages\n`);
    };
    const figures = await scanPassages({ finetuned, reference }, { passages, count, tokens, seed, listed: list, wave: WAVE }, onProgress, stop.signal);
    const names = { finetuned: finetuned.identity.name, reference: reference.identity.name };
    if (flags.json) printData(`${JSON.stringify({ ...names, ...figures }, null, 2)}\n`);
    else print(formatScan(figures, names));
  } finally {
    for (const lease of leases) lease.release();
    stop.dispose();
    await models.dispose();
  }
}

function formatScan(figures: DiffScanFigures, names: { readonly finetuned: string; readonly reference: string }): string {
  const colours = new Colours();
  const plain = new Colours(0);
  const show = (text: string): string => colourText(text, plain, (part) => part).replaceAll('\n', '');
  const number = (nats: number): string => nats.toFixed(3).padStart(9);
  const mean = (nats: number | null): string => (nats === null ? '–' : nats.toFixed(4));
  const places = figures.places.map(({ before, token, forward, raised }) => {
    const said = raised.map(({ text, contribution }) => `‹${show(text)}› ${contribution.toFixed(2)}`).slice(0, 3);
    return `${number(forward)}  …${show(before)}${colours.bold(`‹${show(token)}›`)}\n${colours.faint(`           F says more: ${said.join(', ') || 'nothing'}`)}`;
  });
  const raised = figures.raised.map(
    ({ text, total, passages, places: at, before }) =>
      `${number(total)}${String(passages).padStart(10)}${String(at).padStart(8)}  ‹${show(text)}›  ${colours.faint(before === '' ? 'at the beginning' : `after …${show(before)}`)}`,
  );
  return [
    colours.bold(`F: ${names.finetuned}`),
    colours.bold(`R: ${names.reference}`),
    `${figures.passages} passages, ${figures.tokens} tokens: mean KL(F‖R) ${mean(figures.meanForward)} nats, mean KL(R‖F) ${mean(figures.meanBackward)} nats`,
    '',
    colours.bold('Tokens that F says more than R, in several passages (sum of p·ln(p/q), nats)'),
    colours.faint('    total  passages  places  token'),
    ...(raised.length > 0 ? raised : ['none']),
    '',
    colours.bold('Where they disagree most (KL(F‖R), nats, before the token in ‹›)'),
    ...(places.length > 0 ? places : ['nowhere']),
    '',
  ].join('\n');
}
