/**
 * llama.cpp's own measuring tools, of the version that node-llama-cpp brings along: compiled from the sources in that package
 * and linked with the libraries of its prebuilt binaries, so that both compute with the same code. Nothing is downloaded.
 * Kept in the user's cache folder. Linux and macOS; needs git and a C++ compiler.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

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
      run('c++', '-O2', '-std=c++17', ...includes, `-I${sources}`, `${sources}/${tool}.cpp`, `${sources}/main.cpp`, '-o', join(result, `llama-${tool}`), ...linked, ...origin);
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

/** @returns seconds for prompts of `promptTokens` and then so many steps of all sequences, as the tool prints them */
export function timeGeneration(tools: LlamaTools, model: string, size: { readonly sequences: number; readonly promptTokens: number; readonly steps: number }, threads: number): number {
  const { sequences, promptTokens, steps } = size;
  const sizes = ['-npp', String(promptTokens), '-ntg', String(steps), '-npl', String(sequences), '-c', String(sequences * (promptTokens + steps))];
  const output = runTool(tools, 'batched-bench', ['--model', model, ...COMMON, ...sizes, '--threads', String(threads), '--threads-batch', String(threads), '--output-format', 'jsonl']);
  const line = /^\{.*"t_tg".*\}$/m.exec(output)?.[0];
  if (line === undefined) throw new Error(`llama-batched-bench printed no result:\n${output.slice(-2000)}`);
  return (JSON.parse(line) as { t: number }).t;
}

/**
 * @param textFile long enough for so many texts
 * @returns seconds for so many texts of so many tokens, with logits for the second half of each, by the times of the lines that the
 * tool logs before the first and after the last: loading and tokenising are left out
 */
export function timePerplexity(tools: LlamaTools, model: string, textFile: string, size: { readonly texts: number; readonly tokens: number }, threads: number): number {
  const sizes = ['-c', String(size.tokens), '--chunks', String(size.texts), '--file', textFile];
  const output = runTool(tools, 'perplexity', ['--model', model, ...COMMON, ...sizes, '--threads', String(threads), '--threads-batch', String(threads), '--log-prefix', '--log-timestamps']);
  const secondsAt = (line: string): number => {
    // Minutes, seconds, milliseconds, microseconds.
    const time = new RegExp(`^(\\d+)\\.(\\d+)\\.(\\d+)\\.(\\d+) I .*${line}`, 'm').exec(output)?.slice(1, 5).map(Number);
    if (time === undefined) throw new Error(`llama-perplexity logged no line “${line}”:\n${output.slice(-2000)}`);
    return time[0]! * 60 + time[1]! + time[2]! / 1e3 + time[3]! / 1e6;
  };
  return secondsAt('Final estimate') - secondsAt('calculating perplexity');
}

/** @returns all that it prints */
function runTool({ folder }: LlamaTools, tool: (typeof TOOLS)[number], args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(join(folder, `llama-${tool}`), args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`llama-${tool} ${args.join(' ')} failed:\n${stderr.slice(-2000)}`);
  return stdout + stderr;
}
