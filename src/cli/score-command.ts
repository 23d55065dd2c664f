/** `score`: what one model thinks of one text, token by token. */
import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { Option, type Command } from 'commander';
import { AuditError } from '../audit/errors.js';
import type { AdapterSource } from '../audit/plan.js';
import { DEFAULT_FRAMING_TEXTS } from '../audit/framing.js';
import type { LanguageModel, Piece } from '../audit/language-model.js';
import { textsOfTokens, toHex } from '../audit/utf8.js';
import { resolveBundledModel } from '../records/bundled.js';
import { Colours } from './colours.js';
import { showText } from './completion-text.js';
import { createModels, MEDIA_FOLDER } from './environment.js';
import { listenForStop } from './exit.js';
import { parseAdapter, parseModel, wholeNumber } from './model-options.js';

interface ScoreFlags {
  model: string;
  lora?: AdapterSource[];
  text: string;
  json?: boolean;
  threads: number;
  gpu: 'auto' | 'off';
  allowDownload?: boolean;
}

interface ScoredToken {
  readonly piece: Piece;
  /** `null` for the first one, which nothing predicts. */
  readonly logprob: number | null;
}

/** Opens a model with this much room first; a longer text opens it again. */
const USUAL_TOKENS = 512;

export function addScoreCommand(program: Command): void {
  program
    .command('score')
    .description('Logprobs (nats) of every token of a text under a model. Names of special tokens in the text are those tokens.')
    .requiredOption('--model <model>', 'a GGUF file, an hf: address, or bundled:NAME', parseModel)
    .option('--lora <file[:scale]>', 'LoRA adapter over the model (repeatable)', parseAdapter)
    .requiredOption('--text <file>', 'file with the text, - for standard input')
    .option('--json', 'print JSON')
    .option('--threads <n>', 'threads to compute with; 0 for one per physical core', wholeNumber(0, 1024), 0)
    .addOption(new Option('--gpu <mode>', 'use a GPU where there is one').choices(['auto', 'off']).default('auto'))
    .option('--allow-download', 'let hf: addresses be downloaded')
    .action(score);
}

async function score(flags: ScoreFlags): Promise<void> {
  const text = await readText(flags.text);
  const models = createModels({ threads: flags.threads, gpu: flags.gpu });
  const stop = listenForStop();
  try {
    const source = await resolveBundledModel({ gguf: flags.model, lora: flags.lora ?? [] }, MEDIA_FOLDER);
    const open = (contextTokens: number) =>
      models.open(source, { waveSize: 1, contextTokens, allowDownload: flags.allowDownload ?? false }, stop.signal);
    let lease = await open(USUAL_TOKENS);
    const pieces = await tokenizeWithBos(lease.model, text, stop.signal);
    if (pieces.length > USUAL_TOKENS) {
      lease.release();
      lease = await open(pieces.length);
    }
    const tokens = await scoreTokens(lease.model, pieces, stop.signal);
    process.stdout.write(flags.json ? formatJson(tokens) : formatForPeople(tokens, lease.model.identity.name));
  } finally {
    stop.dispose();
    await models.dispose();
  }
}

async function readText(path: string): Promise<string> {
  if (path === '-') return readAll(process.stdin);
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new AuditError('fileNotFound', `${path} could not be read: ${(error as Error).message}. Check --text.`, { cause: error });
  }
}

/** BOS first where the model's metadata asks for one, as in front of every text that the model is given. */
async function tokenizeWithBos(model: LanguageModel, text: string, signal: AbortSignal): Promise<Piece[]> {
  const [pieces] = await model.tokenize([text], signal, { parseSpecial: true });
  const frame = await model.frame({ framing: 'raw', texts: DEFAULT_FRAMING_TEXTS }, signal);
  return [...(await model.pieces(frame.tokens, signal)), ...pieces!];
}

async function scoreTokens(model: LanguageModel, pieces: readonly Piece[], signal: AbortSignal): Promise<ScoredToken[]> {
  const [first, ...rest] = pieces;
  if (!first) return [];
  const logprobs: number[] = [];
  if (rest.length > 0) {
    const request = { id: 0, prompt: [first.id], continuation: rest.map((piece) => piece.id) };
    for await (const answer of model.score([request], { signal })) logprobs.push(...answer.logprobs);
  }
  return [{ piece: first, logprob: null }, ...rest.map((piece, index) => ({ piece, logprob: logprobs[index]! }))];
}

function formatJson(tokens: readonly ScoredToken[]): string {
  const content = tokens.map(({ piece, logprob }) => JSON.stringify({ id: piece.id, bytes: toHex(piece.bytes), logprob }));
  return content.length === 0 ? '{"tokens": []}\n' : `{"tokens": [\n${content.join(',\n')}\n]}\n`;
}

function formatForPeople(tokens: readonly ScoredToken[], name: string): string {
  const colours = new Colours();
  const known = tokens.flatMap(({ logprob }) => (logprob === null ? [] : [logprob]));
  const mean = known.reduce((sum, logprob) => sum + logprob, 0) / known.length;
  const texts = textsOfTokens(tokens.map(({ piece }) => piece));
  const rows = tokens.map(({ piece, logprob }, index) => {
    const shown = showText(texts[index]!, new Colours(0), (part) => part).replace('\n', '');
    const value = (logprob === null ? '–' : logprob.toFixed(3)).padStart(9);
    // More surprising than the text's mean is shaded like a loss, less surprising like a gain; the number says it too.
    const shaded = colours.enabled && logprob !== null ? colours.shade(value, (logprob - mean) / 2) : value;
    return `${String(piece.id).padStart(8)}  ${shaded}  ${shown}`;
  });
  const summary = known.length === 0 ? 'Nothing to score.' : `${known.length} tokens scored, perplexity ${Math.exp(-mean).toFixed(3)}, total ${(mean * known.length).toFixed(3)} nats`;
  return `${colours.bold(name)}\n${colours.faint('      id    logprob  token')}\n${rows.join('\n')}\n${summary}\n`;
}
