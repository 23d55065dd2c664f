/**
 * Any text under the two models of an audit: what each of its tokens is worth to either, as if it were a completion that
 * the finetuned model had written in the raw framing. A long text is scored stretch by stretch, each after the text that
 * stands before it.
 */
import type { MeasuredRecord } from '../../audit/completion.js';
import { AuditError, throwIfCancelled } from '../../audit/errors.js';
import type { AuditSetup } from '../../audit/events.js';
import { DEFAULT_FRAMING_TEXTS } from '../../audit/framing.js';
import { isSetAside, type Frame, type LanguageModel, type OwnTokens, type Piece } from '../../audit/language-model.js';
import { roundLogprob } from '../../audit/logprob.js';
import type { TextRange } from '../../analysis/patterns/pattern.js';
import { canShareIds, compareTokenizersOf, mayNeedOwnTokens } from '../../audit/same-tokenizer.js';
import { bytesOfTokens, textOfTokens } from '../../text/utf8.js';
import { scoreByReference, type ScoredByReference } from '../../audit/wave/score-by-reference.js';
import { haveComparableDistributions, roundDivergence } from '../../audit/wave/measure-divergence.js';
import { scoreExactTokens } from '../../audit/wave/score-exact-tokens.js';
import { promptIds, type WrittenCompletion, type WaveContext } from '../../audit/wave/wave-context.js';
import { contextBefore, cutIntoStretches, halve, orderStretches } from './cut-text.js';

export interface TextToScore {
  readonly text: string;
  /** What is scored first, in UTF-16 units: what the reader sees. */
  readonly first?: TextRange;
  /** Tokens that each model has room for. */
  readonly contextTokens: number;
}

/** `[start, end)` in UTF-16 units of the text. */
export type ScoredStretch = {
  readonly start: number;
  readonly end: number;
} & (
  | {
      /** The text before it is the prefill; both models' logprobs are rounded as in a journal. */
      readonly record: MeasuredRecord;
    }
  /** A server gave no usable answer; the others are scored all the same. */
  | { readonly unscored: string }
);

interface Scorer {
  readonly finetuned: LanguageModel;
  readonly reference: LanguageModel;
  readonly context: WaveContext;
  readonly frames: { readonly finetuned: Frame; readonly reference: Frame };
  /** Something must stand before a text for its first token to be predicted. */
  readonly needsOpening: boolean;
  /** Both give their distributions, over the same tokens. */
  readonly comparable: boolean;
  /** Tokens of F for text and context together. */
  readonly room: number;
  setAside: string | null;
}

/**
 * Scores a text. Stretches come as they are ready, those that `first` touches before all others; none of them is empty, and
 * together they cover the text, but for a first token that nothing predicts.
 * @throws AuditError `cannotScore` where a model gives no logprobs of a given text; `cancelled`; what the models reject with
 */
export async function* scoreText(
  models: { readonly finetuned: LanguageModel; readonly reference: LanguageModel },
  { text, first, contextTokens }: TextToScore,
  signal: AbortSignal,
): AsyncGenerator<ScoredStretch, void, undefined> {
  const scorer = await prepare(models, contextTokens, signal);
  const waiting = orderStretches(cutIntoStretches(text), first);
  for (let id = 0; waiting.length > 0; id++) {
    throwIfCancelled(signal);
    const stretch = waiting.shift()!;
    try {
      const scored = await scoreStretch(scorer, text, stretch, id, signal);
      if (scored) yield scored;
    } catch (error) {
      const halves = isTooLong(error) ? halve(text, stretch) : null;
      if (!halves) throw error;
      waiting.unshift(...halves);
    }
  }
}

/** @throws AuditError `cannotScore`, saying what to choose instead */
export function requireScoring({ identity, capabilities }: LanguageModel): void {
  if (capabilities.score) return;
  throw new AuditError(
    'cannotScore',
    `${identity.name} cannot score a given text: its server gives logprobs only of what it generates itself, if at all. Choose an audit whose two models can, such as GGUF files or models on vLLM.`,
  );
}

async function prepare(
  { finetuned, reference }: { readonly finetuned: LanguageModel; readonly reference: LanguageModel },
  contextTokens: number,
  signal: AbortSignal,
): Promise<Scorer> {
  requireScoring(finetuned);
  requireScoring(reference);
  const tokenizers = await compareTokenizersOf(finetuned, reference, signal);
  const shared = { sameTokenizer: tokenizers.same, unlikeIds: tokenizers.same ? tokenizers.unlikeIds : [] };
  const own = await finetuned.frame({ framing: 'raw', texts: DEFAULT_FRAMING_TEXTS }, signal);
  const frames = {
    finetuned: own,
    reference: canShareIds(shared, own.tokens) ? own : await reference.frame({ framing: 'raw', texts: DEFAULT_FRAMING_TEXTS }, signal),
  };
  const setup: AuditSetup = { finetuned: finetuned.identity, reference: reference.identity, ...shared, frames: { raw: frames }, prefills: {}, remarks: [] };
  const scorer: Scorer = {
    finetuned,
    reference,
    frames,
    needsOpening: [frames.finetuned, frames.reference].some(({ tokens }) => tokens.length === 0),
    comparable: haveComparableDistributions(finetuned, reference) && shared.sameTokenizer && shared.unlikeIds.length === 0,
    room: roomOf(finetuned, reference, mayNeedOwnTokens(shared), contextTokens) - own.tokens.length,
    setAside: null,
    context: {
      plan: { maxTokens: 0, temperature: 0, seed: 0, finetunedLogprobs: 'forward' },
      setup,
      finetuned,
      reference,
      signal,
      onTokens: () => undefined,
      onSetAside: ({ setAside }) => (scorer.setAside = setAside),
    },
  };
  return scorer;
}

/** Another tokenizer may need twice as many tokens for the same text. */
function roomOf(finetuned: LanguageModel, reference: LanguageModel, ownTokens: boolean, contextTokens: number): number {
  const lengthOf = ({ identity }: LanguageModel) => identity.contextLength ?? Infinity;
  return Math.min(contextTokens, lengthOf(finetuned), ownTokens ? Math.floor(lengthOf(reference) / 2) : lengthOf(reference));
}

function isTooLong(error: unknown): boolean {
  return error instanceof AuditError && error.code === 'contextTooShort';
}

/** `null` where nothing of it can be predicted: the first token of all, alone. */
async function scoreStretch(scorer: Scorer, text: string, [start, end]: TextRange, id: number, signal: AbortSignal): Promise<ScoredStretch | null> {
  const [from] = contextBefore(text, start);
  const [before, pieces] = (await scorer.finetuned.tokenize([text.slice(from, start), text.slice(start, end)], signal)) as [Piece[], Piece[]];
  requireWhole(scorer.finetuned, pieces, text.slice(start, end));
  if (pieces.length > scorer.room) throw new AuditError('contextTooShort', `${scorer.finetuned.identity.name} has no room for ${pieces.length} tokens.`);
  const opens = before.length === 0 && scorer.needsOpening;
  const prefill = opens ? pieces.slice(0, 1) : keepLast(before, scorer.room - pieces.length);
  const tokens = opens ? pieces.slice(1) : pieces;
  if (tokens.length === 0) return null;
  scorer.setAside = null;
  const record = await scoreTokens(scorer, id, prefill, tokens);
  const reason = record ?? scorer.setAside;
  if (reason === null) return null;
  return typeof reason === 'string' ? { start, end, unscored: reason } : { start: end - textOfTokens(reason.tokens).length, end, record: reason };
}

/** The last `most` pieces or fewer, from the beginning of a character. */
function keepLast(pieces: readonly Piece[], most: number): readonly Piece[] {
  let from = Math.max(0, pieces.length - most);
  while (from > 0 && from < pieces.length && isContinuation(pieces[from]!.bytes[0])) from++;
  return pieces.slice(from);
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x80 && byte < 0xc0;
}

/** What a model cannot give back byte by byte has no places in the editor. */
function requireWhole({ identity }: LanguageModel, pieces: readonly Piece[], text: string): void {
  if (textOfTokens(pieces) === text) return;
  throw new AuditError('cannotScore', `${identity.name} has no tokens for some characters of this text, so that its tokens cannot be shown in it.`);
}

async function scoreTokens(scorer: Scorer, id: number, prefill: readonly Piece[], tokens: readonly Piece[]): Promise<MeasuredRecord | null> {
  const { finetuned, context, frames, comparable } = scorer;
  const one: WrittenCompletion = {
    job: { id, framing: 'raw', prefill: 0 },
    prefill: { pieces: prefill },
    frameFinetuned: frames.finetuned,
    frameReference: frames.reference,
    completion: { id, tokens, logprobs: [], end: null },
  };
  if (comparable) return compareDistributions(scorer, one);
  const byFinetuned = finetuned.capabilities.tokenIds ? await scoreGivenTokens(scorer, one) : await scoreGivenText(scorer, one);
  if (!byFinetuned) return null;
  const { written: own, logprobs } = byFinetuned;
  let answer: ScoredByReference | null = null;
  await scoreByReference([own], context, (_draft, scored) => (answer = scored));
  const byReference = answer as ScoredByReference | null;
  if (byReference === null) return null;
  return {
    kind: 'measured',
    id,
    framing: 'raw',
    prefill: own.prefill,
    tokens: own.completion.tokens,
    logprobsFinetuned: logprobs,
    reference: byReference.scoring,
    end: null,
  };
}

/** One forward pass of each model gives the logprobs and the divergence alike. */
async function compareDistributions({ finetuned, reference, context }: Scorer, one: WrittenCompletion): Promise<MeasuredRecord | null> {
  const { job, prefill, frameFinetuned, completion } = one;
  const request = { id: job.id, prompt: promptIds(frameFinetuned, prefill), continuation: completion.tokens.map(({ id }) => id) };
  const rounded = (values: readonly number[], whose: string) => values.map((value) => roundLogprob(value, `the text under the ${whose} model`));
  for await (const { positions } of finetuned.divergence!([request], reference, { signal: context.signal, contributions: 0 })) {
    return {
      kind: 'measured',
      id: job.id,
      framing: 'raw',
      prefill,
      tokens: completion.tokens,
      logprobsFinetuned: rounded(
        positions.map(({ logprob }) => logprob),
        'finetuned',
      ),
      reference: {
        kind: 'sameTokens',
        logprobs: rounded(
          positions.map(({ otherLogprob }) => otherLogprob),
          'reference',
        ),
      },
      divergence: {
        forward: positions.map(({ forward }) => roundDivergence(forward, job.id)),
        backward: positions.map(({ backward }) => roundDivergence(backward, job.id)),
      },
      end: null,
    };
  }
  return null;
}

interface FinetunedScoring {
  readonly written: WrittenCompletion;
  readonly logprobs: readonly number[];
}

async function scoreGivenTokens({ finetuned, context }: Scorer, one: WrittenCompletion): Promise<FinetunedScoring | null> {
  const answer = (await scoreExactTokens([one], finetuned, 'finetuned', context)).get(one.job.id);
  return answer ? { written: one, logprobs: answer.tokens } : null;
}

/** By a server that tokenises by itself: its tokens take the place of ours. */
async function scoreGivenText(scorer: Scorer, one: WrittenCompletion): Promise<FinetunedScoring | null> {
  const { finetuned, context, frames } = scorer;
  const { id } = one.job;
  const pieces = one.completion.tokens;
  const request = { id, parts: { frame: frames.finetuned, prefill: one.prefill.pieces }, text: textOfTokens(pieces) };
  if (!finetuned.logprobsOfTexts) throw new AuditError('cannotScore', `${finetuned.identity.name} cannot score a given text.`);
  for await (const answer of finetuned.logprobsOfTexts([request], { signal: context.signal })) {
    if (isSetAside(answer)) scorer.setAside = answer.setAside;
    else if (answer.scoring) return placeOwnTokens(one, answer.scoring);
  }
  return null;
}

/** A first token that begins in the text before belongs there with all of its bytes: it is predicted from nothing seen here. */
function placeOwnTokens(one: WrittenCompletion, { tokens, logprobs, straddleBytes }: OwnTokens): FinetunedScoring | null {
  const whole = straddleBytes > 0 ? 1 : 0;
  const own = tokens.slice(whole);
  if (own.length === 0) return null;
  const taken = bytesOfTokens(tokens.slice(0, whole)).subarray(straddleBytes);
  const prefill = taken.length > 0 ? [...one.prefill.pieces, { id: 0, bytes: taken, control: false }] : one.prefill.pieces;
  return {
    written: { ...one, prefill: { pieces: prefill }, completion: { ...one.completion, tokens: own } },
    logprobs: logprobs.slice(whole).map((logprob) => roundLogprob(logprob, 'the text under the finetuned model')),
  };
}
