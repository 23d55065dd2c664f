/**
 * How fast both engines compute, beside llama.cpp's own tools with the same libraries and threads on equal work. Run it on a
 * quiet machine: npm run bench -- speed [--runs 5] [--steps 64] [--texts 16] [--threads 1,2] [--engines native,node-llama-cpp] [--curves] [--audit [--openings 200]]
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { isSetAside, type LanguageModel } from '../../src/audit/language-model.js';
import type { EngineChoice } from '../../src/messages/model-process.js';
import { LocalModels } from '../../src/models/local/local-models.js';
import { cpuSecondsOf, installLlamaTools, measureGeneration, measurePerplexity, type Cost } from './speed/llama-tools.js';
import { makeRandomModel } from './speed/random-model.js';
import { measureAudit } from './speed/whole-audit.js';

const { values: flags } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    steps: { type: 'string', default: '64' },
    texts: { type: 'string', default: '16' },
    threads: { type: 'string', default: '1,2' },
    engines: { type: 'string', default: 'native,node-llama-cpp' },
    curves: { type: 'boolean', default: false },
    audit: { type: 'boolean', default: false },
    openings: { type: 'string', default: '200' },
  },
});
const [runs, steps, texts] = [Number(flags.runs), Number(flags.steps), Number(flags.texts)];
const ENGINES = flags.engines.split(',') as readonly EngineChoice[];
const SEQUENCES = 32;
const PROMPT_TOKENS = 4;
const TEXT_TOKENS = 128;
/** Texts of so many tokens fill a batch of 512, in llama-perplexity as here. */
const TEXTS_AT_ONCE = 4;
/** New tokens of a completion in the whole audit. */
const AUDIT_TOKENS = 32;
const never = new AbortController().signal;

interface Work {
  readonly name: string;
  /** Tokens that go through the model. */
  readonly tokens: number;
  readonly shape: { readonly waveSize: number; readonly contextTokens: number };
  /** What llama.cpp's tool takes for it. */
  readonly tool: (threads: number) => Promise<Cost>;
  readonly run: (model: LanguageModel) => Promise<void>;
}

const tools = installLlamaTools();
const textFile = join(tools.folder, 'text.txt');
writeFileSync(textFile, Array.from({ length: 40_000 }, (_, i) => `word${(i * 7919) % 9973}`).join(' '));

/** Ids that are plain text in every vocabulary here. */
const someIds = (count: number, seed: number): number[] => Array.from({ length: count }, (_, i) => 300 + ((i * 37 + seed * 101) % 1500));

function generation(model: string, sequences: number): Work {
  return {
    name: `greedy generation, ${sequences} sequences`,
    tokens: sequences * (PROMPT_TOKENS + steps),
    shape: { waveSize: sequences, contextTokens: PROMPT_TOKENS + 1 + steps },
    tool: (threads) => measureGeneration(tools, model, { sequences, promptTokens: PROMPT_TOKENS, steps }, threads),
    async run(subject) {
      const wave = Array.from({ length: sequences }, (_, id) => ({
        id,
        prompt: someIds(PROMPT_TOKENS + 1, id),
        maxTokens: steps,
        temperature: 0,
        seed: 0,
        stop: 'endOfText' as const,
      }));
      for await (const completion of subject.generate(wave, { signal: never })) {
        if (isSetAside(completion) || completion.tokens.length !== steps) throw new Error('A completion ended early: the work is not equal.');
      }
    },
  };
}

/** @param scored tokens of each text whose logprobs are wanted */
function forwardPass(model: string, scored: number): Work {
  const prompt = TEXT_TOKENS + 1 - scored;
  return {
    name: scored === TEXT_TOKENS ? 'forward pass, all logprobs (the tool: half of them)' : 'forward pass, logprobs of the second half',
    tokens: texts * TEXT_TOKENS,
    shape: { waveSize: TEXTS_AT_ONCE, contextTokens: TEXT_TOKENS + 1 },
    tool: (threads) => measurePerplexity(tools, model, textFile, { texts, tokens: TEXT_TOKENS }, threads),
    async run(subject) {
      for (let from = 0; from < texts; from += TEXTS_AT_ONCE) {
        const wave = Array.from({ length: Math.min(TEXTS_AT_ONCE, texts - from) }, (_, id) => {
          const ids = someIds(TEXT_TOKENS + 1, from + id);
          return { id, prompt: ids.slice(0, prompt), continuation: ids.slice(prompt) };
        });
        for await (const answer of subject.logprobsOf(wave, { signal: never }))
          if (isSetAside(answer) || answer.logprobs.length !== scored) throw new Error('A text was not scored.');
      }
    },
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * Each run takes the tool and the engines in turn, so that a change of the machine's mood meets all of them. Prints one line: ratios of
 * wall time, and of CPU time, which other programs disturb less; and the CPU time that an engine takes a token beyond the tool's.
 */
async function measure(file: string, work: Work, threads: number): Promise<void> {
  const opened: { readonly models: LocalModels; readonly model: LanguageModel; readonly costs: Cost[] }[] = [];
  const toolCosts: Cost[] = [];
  try {
    for (const engine of ENGINES) {
      const models = new LocalModels({
        processPath: resolve('dist/model-process.mjs'),
        downloadFolder: tools.folder,
        threads,
        gpu: 'off',
        engine,
        idleMs: 60_000,
      });
      const { model } = await models.open({ gguf: file, lora: [] }, { ...work.shape, allowDownload: false }, never);
      // The weights are read, and repacked for this processor, when they are used first.
      await model.alternatives({ prompt: someIds(4, 0) }, 1, never);
      opened.push({ models, model, costs: [] });
    }
    for (let run = 0; run < runs; run++) {
      toolCosts.push(await work.tool(threads));
      for (const { models, model, costs } of opened) {
        const [cpu, begin] = [cpuSecondsOf(models.processId), performance.now()];
        await work.run(model);
        costs.push({ seconds: (performance.now() - begin) / 1000, cpuSeconds: cpuSecondsOf(models.processId) - cpu });
      }
    }
  } finally {
    await Promise.all(opened.map(({ models }) => models.dispose()));
  }
  const cells = opened.flatMap(({ costs }) => [
    median(costs.map(({ seconds }, i) => toolCosts[i]!.seconds / seconds)).toFixed(2),
    median(costs.map(({ cpuSeconds }, i) => toolCosts[i]!.cpuSeconds / cpuSeconds)).toFixed(2),
    median(costs.map(({ cpuSeconds }, i) => ((cpuSeconds - toolCosts[i]!.cpuSeconds) / work.tokens) * 1000)).toFixed(2),
  ]);
  const speed = work.tokens / median(toolCosts.map(({ seconds }) => seconds));
  console.log(`| ${work.name} | ${threads} | ${speed.toFixed(0)} | ${cells.join(' | ')} |`);
}

function printHead(title: string): void {
  const heads = ENGINES.flatMap((engine) => [`${engine}: ratio`, 'ratio of CPU time', 'CPU overhead, ms a token']);
  console.log(`\n${title}\n\n| work | threads | tool, tokens/s | ${heads.join(' | ')} |\n|---|---|---|${heads.map(() => '---|').join('')}`);
}

const model = makeRandomModel(tools.folder, tools.vocabulary);
const threadCounts = flags.threads.split(',').map(Number);
console.log(
  `${cpus()[0]!.model}, ${availableParallelism()} logical cores; ${runs} runs, medians; ${steps} steps, ${texts} texts of ${TEXT_TOKENS} tokens. A ratio is the tool's time by the engine's.`,
);
printHead("Qwen2.5-0.5B's shape, Q8_0, its whole vocabulary");
for (const threads of threadCounts) {
  for (const work of [forwardPass(model, TEXT_TOKENS / 2), forwardPass(model, TEXT_TOKENS), generation(model, SEQUENCES)]) await measure(model, work, threads);
}
if (flags.audit) {
  const threads = Math.max(...threadCounts);
  const { audit, tools: needed, completions, generated, scored } = await measureAudit(tools, model, textFile, Number(flags.openings), AUDIT_TOKENS, threads);
  console.log(
    `\nA whole audit of ${completions} completions (${generated} tokens generated, ${scored} scored), ${threads} threads, native engine:` +
      ` ${audit.seconds.toFixed(1)} s, ${(audit.seconds / needed.seconds).toFixed(2)} × the tools' ${needed.seconds.toFixed(1)} s; CPU of the model process ${audit.cpuSeconds.toFixed(1)} s, ${(audit.cpuSeconds / needed.cpuSeconds).toFixed(2)} × theirs.`,
  );
}
if (flags.curves) {
  const threads = Math.max(...threadCounts);
  printHead('By number of sequences');
  for (const sequences of [1, 2, 4, 8, 16, 32, 64]) await measure(model, generation(model, sequences), threads);
  for (const size of [2_048, 32_768]) {
    printHead(`With the first ${size} tokens of the vocabulary`);
    const smaller = makeRandomModel(tools.folder, tools.vocabulary, size);
    for (const work of [forwardPass(smaller, TEXT_TOKENS / 2), generation(smaller, SEQUENCES)]) await measure(smaller, work, threads);
  }
}
