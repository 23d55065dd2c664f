/**
 * llama.cpp's own measuring tools, of the version that node-llama-cpp brings along: compiled from the sources in that package
 * and linked with the libraries of its prebuilt binaries, so that both compute with the same code. Nothing is downloaded.
 * Kept in the user's cache folder. Linux and macOS; needs git and a C++ compiler.
 */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const LLAMA = resolve('node_modules/node-llama-cpp/llama');
const TOOLS = ['batched-bench', 'perplexity'] as const;
const LIBRARY = /^lib.*\.(so|dylib)$/;
const LINKED = /^lib(llama-common|llama|ggml|ggml-base)\./;

export interface LlamaTools {
  readonly folder: string;
  /** A GGUF file with Qwen2.5's tokenizer and nothing else. */
  readonly vocabulary: string;
}

/** Builds what is missing. */
export function installLlamaTools(): LlamaTools {
  const { release } = JSON.parse(readFileSync(join(LLAMA, 'binariesGithubRelease.json'), 'utf8')) as { release: string };
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'finetune-auditor');
  const folder = join(cache, `llama-tools-${release}-${process.platform}-${process.arch}`);
  const tools = { folder, vocabulary: join(folder, 'ggml-vocab-qwen2.gguf') };
  if (existsSync(tools.vocabulary)) return tools;
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(`${folder}.building-`);
  try {
    const run = (program: string, ...args: string[]): void => void execFileSync(program, args, { cwd: work, stdio: ['ignore', 'ignore', 'inherit'] });
    run('git', '-c', 'advice.detachedHead=false', 'clone', '--quiet', join(LLAMA, 'gitRelease.bundle'), 'sources');
    const result = join(work, 'result');
    mkdirSync(result);
    const libraries = librariesFolder();
    const names = readdirSync(libraries).filter((name) => LIBRARY.test(name));
    for (const name of names) cpSync(join(libraries, name), join(result, name));
    const linked = names.filter((name) => LINKED.test(name)).map((name) => join(result, name));
    const origin = process.platform === 'darwin' ? ['-Wl,-rpath,@loader_path'] : ['-Wl,-rpath,$ORIGIN', '-Wl,--allow-shlib-undefined', '-lpthread'];
    const includes = ['include', 'common', 'ggml/include', 'vendor'].map((path) => `-Isources/${path}`);
    for (const tool of TOOLS) {
      const sources = `sources/tools/${tool}`;
      run(
        'c++',
        '-O2',
        '-std=c++17',
        ...includes,
        `-I${sources}`,
        `${sources}/${tool}.cpp`,
        `${sources}/main.cpp`,
        '-o',
        join(result, `llama-${tool}`),
        ...linked,
        ...origin,
      );
    }
    // Last: without it a folder is none.
    cpSync(join(work, 'sources/models/ggml-vocab-qwen2.gguf'), join(result, 'ggml-vocab-qwen2.gguf'));
    rmSync(folder, { recursive: true, force: true });
    renameSync(result, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return tools;
}

function librariesFolder(): string {
  const platform = process.platform === 'darwin' ? 'mac' : process.platform;
  const names = [`${platform}-${process.arch}`, `${platform}-${process.arch}-metal`];
  const found = names.map((name) => resolve('node_modules/@node-llama-cpp', name, 'bins', name)).find((folder) => existsSync(folder));
  if (found === undefined) throw new Error(`There are no prebuilt binaries of node-llama-cpp for ${platform} ${process.arch}.`);
  return found;
}

/** As the engine computes: no flash attention, batches of 512, no device but the CPU. */
const COMMON = ['--flash-attn', 'off', '--batch-size', '512', '--ubatch-size', '512', '--n-gpu-layers', '0', '--offline'];

/** What a piece of work took, without loading the model. */
export interface Cost {
  readonly seconds: number;
  /** CPU seconds of the process in all of its threads; NaN where the system does not tell. */
  readonly cpuSeconds: number;
}

/** CPU seconds that a process has used, to a hundredth; NaN where the system does not tell. */
export function cpuSecondsOf(processId: number | undefined): number {
  try {
    const fields = readFileSync(`/proc/${processId}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return Number.NaN;
  }
}

/** Prompts of `promptTokens`, with logits for the last token of each, and then so many steps of all sequences. */
export async function measureGeneration(
  tools: LlamaTools,
  model: string,
  size: { readonly sequences: number; readonly promptTokens: number; readonly steps: number },
  threads: number,
): Promise<Cost> {
  const { sequences, promptTokens, steps } = size;
  const sizes = ['-npp', String(promptTokens), '-ntg', String(steps), '-npl', String(sequences), '-c', String(sequences * (promptTokens + steps))];
  const args = ['--model', model, ...COMMON, ...sizes, '--threads', String(threads), '--threads-batch', String(threads)];
  const row = /^\|(?:\s*\d+\s*\|){4}.*\|\s*([\d.]+)\s*\|\s*[\d.]+\s*\|$/;
  const { cpuSeconds, endLine } = await runTool(tools, 'batched-bench', args, /^\|-/, row);
  return { seconds: Number(row.exec(endLine)![1]), cpuSeconds };
}

/**
 * So many texts of so many tokens, with logits for the second half of each, from the line that the tool logs before the first to that
 * after the last: loading and tokenising are left out.
 * @param textFile long enough for so many texts
 */
export async function measurePerplexity(
  tools: LlamaTools,
  model: string,
  textFile: string,
  size: { readonly texts: number; readonly tokens: number },
  threads: number,
): Promise<Cost> {
  const sizes = ['-c', String(size.tokens), '--chunks', String(size.texts), '--file', textFile];
  const args = ['--model', model, ...COMMON, ...sizes, '--threads', String(threads), '--threads-batch', String(threads), '--log-prefix', '--log-timestamps'];
  const { cpuSeconds, beginLine, endLine } = await runTool(tools, 'perplexity', args, /calculating perplexity/, /Final estimate/);
  return { seconds: secondsIn(endLine) - secondsIn(beginLine), cpuSeconds };
}

/** The time that a logged line begins with: minutes, seconds, milliseconds, microseconds. */
function secondsIn(line: string): number {
  const time = /^(\d+)\.(\d+)\.(\d+)\.(\d+) I /.exec(line)?.slice(1, 5).map(Number);
  if (time === undefined) throw new Error(`llama-perplexity logged a line without a time: ${line}`);
  return time[0]! * 60 + time[1]! + time[2]! / 1e3 + time[3]! / 1e6;
}

/** Runs a tool to its end, and takes its CPU time between two lines that it prints. */
async function runTool(
  { folder }: LlamaTools,
  tool: (typeof TOOLS)[number],
  args: readonly string[],
  begin: RegExp,
  end: RegExp,
): Promise<{ cpuSeconds: number; beginLine: string; endLine: string }> {
  const child = spawn(join(folder, `llama-${tool}`), args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const marks: { readonly line: string; readonly cpuSeconds: number }[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      const next = [begin, end][marks.length];
      if (next?.test(line) === true) marks.push({ line, cpuSeconds: cpuSecondsOf(child.pid) });
    });
  }
  const status = await new Promise<number | null>((done, fail) => child.on('error', fail).on('close', done));
  const [first, last] = marks;
  if (status !== 0 || first === undefined || last === undefined)
    throw new Error(`llama-${tool} ${args.join(' ')} ended with ${status}:\n${lines.slice(-20).join('\n')}`);
  return { cpuSeconds: last.cpuSeconds - first.cpuSeconds, beginLine: first.line, endLine: last.line };
}
