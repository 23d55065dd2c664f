/** Holds two models' distributions against each other over passages of general text, without generating anything. */
import { AuditError, throwIfCancelled } from '../../audit/errors.js';
import { DEFAULT_FRAMING_TEXTS } from '../../audit/framing.js';
import type { LanguageModel, Piece } from '../../audit/language-model.js';
import { isEndpoint, type AuditPlan } from '../../audit/plan.js';
import { shuffledIndices } from '../../audit/random.js';
import { haveComparableDistributions } from '../../audit/wave/measure-divergence.js';
import { DiffScan, type DiffScanFigures } from '../../analysis/diff-scan.js';

export interface ScanRequest {
  readonly passages: readonly string[];
  /** Passages that are read at most; drawn by the seed where there are more. */
  readonly count: number;
  /** Tokens of each passage that are read at most. */
  readonly tokens: number;
  readonly seed: number;
  /** Places and tokens that are listed at most. */
  readonly listed: number;
  /** Passages that are read at once: the sequences that both models were opened with. */
  readonly wave: number;
}

/** Room for BOS. */
export const OPENING_TOKENS = 8;
const CONTRIBUTIONS = 8;
/** No more of a passage is tokenised, however long it is. */
const UNITS_PER_TOKEN = 32;
/** A passage of fewer tokens says next to nothing. */
const LEAST_TOKENS = 4;

/**
 * @param onProgress told how many passages are read, of how many
 * @throws AuditError `cannotScore` where the two give no distributions over the same tokens; `emptyCorpus` where no passage is long enough; `cancelled`
 */
export async function scanPassages(
  models: { readonly finetuned: LanguageModel; readonly reference: LanguageModel },
  { passages, count, tokens, seed, listed, wave: size }: ScanRequest,
  onProgress: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<DiffScanFigures> {
  const { finetuned, reference } = models;
  requireDistributions(finetuned, reference);
  const { tokens: opening } = await finetuned.frame({ framing: 'raw', texts: DEFAULT_FRAMING_TEXTS }, signal);
  const opened = await finetuned.pieces(opening, signal);
  const scan = new DiffScan(listed);
  const total = Math.min(count, passages.length);
  let waiting: Piece[][] = [];
  let done = 0;
  const flush = async (): Promise<void> => {
    const wave = waiting.map((pieces, id) => ({ id, prompt: [pieces[0]!.id], continuation: pieces.slice(1).map((piece) => piece.id) }));
    const answers = new Map<number, Parameters<DiffScan['add']>[1]>();
    for await (const { id, positions } of finetuned.divergence!(wave, reference, { signal, contributions: CONTRIBUTIONS })) answers.set(id, positions);
    // In the order of the passages, whichever was ready first.
    waiting.forEach((pieces, id) => scan.add(pieces, answers.get(id)!));
    done += waiting.length;
    waiting = [];
    onProgress(done, total);
  };
  for (const index of shuffledIndices(passages.length, seed)) {
    throwIfCancelled(signal);
    if (done + waiting.length >= total) break;
    const [pieces] = await finetuned.tokenize([beginningOf(passages[index]!, tokens * UNITS_PER_TOKEN)], signal);
    const own = [...opened, ...pieces!.slice(0, tokens)];
    if (own.length < LEAST_TOKENS) continue;
    waiting.push(own);
    if (waiting.length === size) await flush();
  }
  if (waiting.length > 0) await flush();
  if (done === 0) throw new AuditError('emptyCorpus', `No passage has ${LEAST_TOKENS} tokens. Give a corpus with longer texts.`);
  return scan.figures();
}

/** @throws AuditError `cannotScore` for models behind servers */
export function requireScannable({ finetuned, reference }: Pick<AuditPlan, 'finetuned' | 'reference'>): void {
  if (!isEndpoint(finetuned) && !isEndpoint(reference)) return;
  throw new AuditError('cannotScore', 'A diff scan compares whole distributions, which no server gives: both models must be GGUF files.');
}

function requireDistributions(finetuned: LanguageModel, reference: LanguageModel): void {
  if (haveComparableDistributions(finetuned, reference)) return;
  const without = [finetuned, reference].find(({ capabilities }) => capabilities.distributions !== true);
  throw new AuditError(
    'cannotScore',
    without
      ? `A diff scan compares whole distributions, which ${without.identity.name} does not give (${without.identity.engine}). It needs two GGUF files and the engine “native”.`
      : `${finetuned.identity.name} and ${reference.identity.name} have different tokenizers: their distributions are over different tokens. Choose a reference with the same tokenizer.`,
  );
}

/** In UTF-16 units, and no half of a character at its end. */
function beginningOf(text: string, units: number): string {
  return text.slice(0, units).replace(/[\ud800-\udbff]$/, '');
}
