/** `score`: what one model thinks of one text, token by token. */
import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import type { Command } from 'commander';
import { AuditError } from '../audit/errors.js';
import type { AdapterSource, ModelSource } from '../audit/plan.js';
import { DEFAULT_FRAMING_TEXTS } from '../audit/framing.js';
import { isSetAside, type LanguageModel, type Piece, type SetAside } from '../audit/language-model.js';
import { textOfTokens, textsOfTokens, toHex } from '../text/utf8.js';
import { resolveBundledModel } from '../records/plan/bundled.js';
import { Colours } from './colours.js';
import { colourText } from './completion-text.js';
import { agreeToGiven } from './consent.js';
import { addAccessOptions, giveModelAccess, readNetwork, type AccessFlags } from './endpoint-options.js';
import { computeOptionsOf, type ComputeOptions } from '../messages/model-process.js';
import { createModels, MEDIA_FOLDER } from './environment.js';
import { listenForStop } from './exit.js';
import { addComputeOptions, MODEL_FORMS, parseAdapter, parseModel, withAdapters } from './model-options.js';
import { printDivergence, requireDivergencePair, tokenizeWithBos } from './score-divergence.js';
import { describeWindows, slideOver } from './slide.js';
import { print, printData, printNote } from './terminal.js';

interface ScoreFlags extends AccessFlags, ComputeOptions {
  model: ModelSource;
  lora?: AdapterSource[];
  divergence?: boolean;
  reference?: ModelSource;
  referenceLora?: AdapterSource[];
  text: string;
  json?: boolean;
  allowDownload?: boolean;
  offline?: boolean;
}

interface ScoredToken {
  /** `null` where a server does not tell. */
  readonly id: number | null;
  readonly piece: Piece;
  /** `null` for the first one, which nothing predicts. */
  readonly logprob: number | null;
}

/** Opens a model with this much room first; a longer text opens it again. */
const USUAL_TOKENS = 512;

export function addScoreCommand(program: Command): void {
  const command = program
    .command('score')
    .description('Logprobs (nats) of every token of a text under a model. Names of special tokens in the text are those tokens.')
    .requiredOption('--model <model>', MODEL_FORMS, parseModel)
    .option('--lora <file[:scale]>', 'LoRA adapter over the model (repeatable)', parseAdapter)
    .requiredOption('--text <file>', 'file with the text, - for standard input')
    .option(
      '--divergence',
      'compare the whole distributions with those of --reference: both logprobs, KL both ways, and what the model says more (GGUF files, native engine)',
    )
    .option('--reference <model>', 'with --divergence: the model it is compared with', parseModel)
    .option('--reference-lora <file[:scale]>', 'LoRA adapter over the reference model (repeatable)', parseAdapter)
    .option('--json', 'print JSON')
    .option('--allow-download', 'let hf: addresses be downloaded');
  addAccessOptions(addComputeOptions(command)).option('--offline', 'use no network at all: no servers, no downloads').action(score);
}

async function score(flags: ScoreFlags): Promise<void> {
  const { offline = false } = flags;
  const allowDownload = (flags.allowDownload ?? false) && !offline;
  const given = giveModelAccess(withAdapters(flags.model, flags.lora), flags);
  const givenReference = flags.reference && withAdapters(flags.reference, flags.referenceLora);
  if (flags.divergence) requireDivergencePair(given, givenReference);
  else if (flags.reference || flags.referenceLora) throw new AuditError('badPlan', '--reference is what --divergence compares with. Add --divergence.');
  const text = await readText(flags.text);
  const models = createModels({ ...computeOptionsOf(flags), agreed: agreeToGiven(given), ...readNetwork(flags) });
  const stop = listenForStop();
  try {
    const source = await resolveBundledModel(given, MEDIA_FOLDER);
    if (givenReference) {
      const openModel = (model: ModelSource, contextTokens: number) => models.open(model, { waveSize: 1, contextTokens, allowDownload }, stop.signal);
      const pair = { source, reference: await resolveBundledModel(givenReference, MEDIA_FOLDER), usualTokens: USUAL_TOKENS };
      const found = await printDivergence(openModel, pair, text, flags.json ?? false, stop.signal);
      if (flags.json) printData(found);
      else print(found);
      return;
    }
    const open = (contextTokens: number) => models.open(source, { waveSize: 1, contextTokens, allowDownload }, stop.signal);
    let lease = await open(USUAL_TOKENS);
    const { identity, capabilities } = lease.model;
    requireScore(lease.model);
    for (const remark of lease.model.remarks ?? []) printNote(remark);
    let tokens: ScoredToken[];
    if (capabilities.tokenIds) {
      const pieces = await tokenizeWithBos(lease.model, text, stop.signal);
      if (pieces.length > USUAL_TOKENS && !capabilities.independent) {
        lease.release();
        lease = await open(Math.min(pieces.length, identity.contextLength ?? Infinity));
      }
      tokens = await scoreTokens(lease.model, pieces, stop.signal);
    } else {
      tokens = await scoreText(lease.model, text, stop.signal);
    }
    if (flags.json) printData(formatJson(tokens));
    else print(formatForPeople(tokens, identity.name));
  } finally {
    stop.dispose();
    await models.dispose();
  }
}

function requireScore({ identity, capabilities }: LanguageModel): void {
  if (capabilities.score) return;
  throw new AuditError(
    'cannotScore',
    `${identity.name} cannot score a given text: its server gives logprobs only of what it generates itself, if at all. ` +
      'Choose a server that gives those of the prompt (vLLM does), or a GGUF file. What a server can do: finetune-auditor probe.',
  );
}

async function readText(path: string): Promise<string> {
  if (path === '-') return readAll(process.stdin);
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new AuditError('fileNotFound', `${path} could not be read: ${(error as Error).message}. Check --text.`, { cause: error });
  }
}

async function scoreTokens(model: LanguageModel, pieces: readonly Piece[], signal: AbortSignal): Promise<ScoredToken[]> {
  const logprobs: number[] = [];
  const room = model.identity.contextLength;
  const windows = slideOver(pieces, room);
  for (const window of windows) {
    for await (const answer of model.logprobsOf([window], { signal })) logprobs.push(...requireAnswer(answer).logprobs);
  }
  const note = describeWindows(pieces.length, windows, room);
  if (note !== null) printNote(note);
  return pieces.map((piece, index) => ({ id: piece.id, piece, logprob: index === 0 ? null : logprobs[index - 1]! }));
}

/** The same of a server that tokenises by itself: its first tokens may be no more than what the others follow. */
async function scoreText(model: LanguageModel, text: string, signal: AbortSignal): Promise<ScoredToken[]> {
  if (text === '') return [];
  const frame = await model.frame({ framing: 'raw', texts: DEFAULT_FRAMING_TEXTS }, signal);
  const [pieces] = await model.tokenize([text], signal);
  const prefill = pieces!.slice(0, 1);
  const rest = textOfTokens(pieces!.slice(1));
  if (rest === '') return prefill.map((piece) => ({ id: null, piece, logprob: null }));
  const tokens: ScoredToken[] = [];
  for await (const answer of model.logprobsOfTexts!([{ id: 0, parts: { frame, prefill }, text: rest }], { signal })) {
    const { scoring } = requireAnswer(answer);
    const before = prefill[0]!.bytes.subarray(0, prefill[0]!.bytes.length - (scoring?.straddleBytes ?? 0));
    if (before.length > 0) tokens.push({ id: null, piece: { ...prefill[0]!, bytes: before }, logprob: null });
    // Nothing predicts the text's first token, whatever stands in for its logprob.
    const isFirst = (index: number) => index === 0 && before.length === 0;
    scoring?.tokens.forEach((piece, index) => tokens.push({ id: null, piece, logprob: isFirst(index) ? null : scoring.logprobs[index]! }));
  }
  return tokens;
}

function requireAnswer<T extends object>(answer: T | SetAside): T {
  if (!isSetAside(answer)) return answer;
  throw new AuditError('endpointFailed', `The server gave no usable answer: ${answer.setAside.replace(/\.$/, '')}.`);
}

function formatJson(tokens: readonly ScoredToken[]): string {
  const content = tokens.map(({ id, piece, logprob }) => JSON.stringify({ id, bytes: toHex(piece.bytes), logprob }));
  return content.length === 0 ? '{"tokens": []}\n' : `{"tokens": [\n${content.join(',\n')}\n]}\n`;
}

function formatForPeople(tokens: readonly ScoredToken[], name: string): string {
  const colours = new Colours();
  const known = tokens.flatMap(({ logprob }) => (logprob === null ? [] : [logprob]));
  const mean = known.reduce((sum, logprob) => sum + logprob, 0) / known.length;
  const texts = textsOfTokens(tokens.map(({ piece }) => piece));
  const rows = tokens.map(({ id, logprob }, index) => {
    const shown = colourText(texts[index]!, new Colours(0), (part) => part).replace('\n', '');
    const value = (logprob === null ? '–' : logprob.toFixed(3)).padStart(9);
    // More surprising than the text's mean is shaded like a loss, less surprising like a gain; the number says it too.
    const shaded = colours.enabled && logprob !== null ? colours.shade(value, (logprob - mean) / 2) : value;
    return `${String(id ?? '–').padStart(8)}  ${shaded}  ${shown}`;
  });
  const summary =
    known.length === 0
      ? 'Nothing to score.'
      : `${known.length} tokens scored, perplexity ${Math.exp(-mean).toFixed(3)}, total ${(mean * known.length).toFixed(3)} nats`;
  return `${colours.bold(name)}\n${colours.faint('      id    logprob  token')}\n${rows.join('\n')}\n${summary}\n`;
}
