/** One completion, of whatever pass, as a line of the journal. Decoding what was encoded gives the same record, byte for byte. */
import { z } from 'zod';
import type { MeasuredRecord, ReferenceScoring } from '../../audit/completion.js';
import { AuditError } from '../../audit/errors.js';
import { ROUNDING_ABOVE_ZERO, roundLogprob } from '../../audit/logprob.js';
import { FRAMINGS } from '../../audit/framing.js';
import type { Framing } from '../../audit/framing.js';
import type { GeneratedCompletion, Piece, TemplateTurn } from '../../audit/language-model.js';
import { hasLogprobs } from '../../audit/wave/has-logprobs.js';
import { decodePieceBytes, encodePieceBytes, pieceBytesSchema, type PieceBytes } from './piece-bytes.js';
import { checkShape } from '../../text/check-shape.js';

/** Nats. Earlier journals may have lower logprobs than are written now; sums of millions of these stay numbers. */
const LOWEST_EVER = -1e6;

// A journal has millions of these values: a plain loop checks them some ten times faster than a schema per element.
const listOf = <T>(isItem: (value: unknown) => boolean, what: string) =>
  z.custom<T[]>((value) => Array.isArray(value) && value.every(isItem), { error: `must be a list of ${what}` });
const indices = listOf<number>((value) => Number.isInteger(value) && (value as number) >= 0, 'whole numbers');
// JSON has no infinity, but a number as large as -1e999 is read as one.
const isLogprob = (value: unknown): boolean => typeof value === 'number' && value >= LOWEST_EVER && value <= ROUNDING_ABOVE_ZERO;
const logprobs = listOf<number>(isLogprob, 'logarithms of probabilities');
const isDivergence = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value <= -LOWEST_EVER;
const divergences = listOf<number>(isDivergence, 'divergences');
const logprob = z.custom<number>(isLogprob, { error: 'must be the logarithm of a probability' });
const pieces = {
  ids: indices,
  bytes: listOf<PieceBytes>((value) => typeof value === 'string' || checkShape(pieceBytesSchema, value).success, 'texts'),
  /** Indices of the control tokens among `ids`; absent where there are none. */
  control: indices.exactOptional(),
};

/**
 * Where R went on behind a cut. `ofBytes` is then where the first cut begins: a reader that knows nothing of cuts takes the text up to there,
 * which is what it would have had.
 */
const behindCut = z.object({
  cuts: z.array(z.tuple([z.int().nonnegative(), z.int().nonnegative()])).min(1),
  ofBytes: z.int().nonnegative(),
});

/** Of a dialogue: the template's tokens, which stand before the token `at`. Older readers know neither this nor the framing, and set the line aside. */
const turn = z.object({ at: z.int().nonnegative(), ...pieces }).exactOptional();

export const completionLineSchema = z.object({
  type: z.enum(['completion', 'noiseFloor']),
  id: z.int().nonnegative(),
  framing: z.enum(FRAMINGS),
  prefill: z.object(pieces),
  ...pieces,
  turn,
  /** Nats, 5 decimals, one per token. */
  lpF: logprobs,
  reference: z.union([
    z.null(),
    z.object({ kind: z.literal('sameTokens'), lp: logprobs }),
    z.object({
      kind: z.literal('ownTokens'),
      ...pieces,
      lp: logprobs,
      straddleBytes: z.int().nonnegative(),
      ofBytes: z.int().nonnegative(),
      behind: behindCut.exactOptional(),
    }),
  ]),
  /** Nats, 5 decimals, one per token: KL(F‖R) and KL(R‖F). Absent where it was not measured. */
  kl: z.object({ fr: divergences, rf: divergences }).exactOptional(),
  end: z.union([
    z.null(),
    z.object({
      id: z.int().nonnegative(),
      bytes: pieceBytesSchema,
      control: z.boolean(),
      lpF: logprob,
      lpR: z.union([logprob, z.null()]),
    }),
  ]),
});
export type CompletionLine = z.infer<typeof completionLineSchema>;

/**
 * What a server generated, from before the reference has scored it: it is not asked for again. Without logprobs where a forward
 * pass of the finetuned model is to give them.
 */
export const generatedLineSchema = z.object({
  type: z.enum(['generated', 'noiseGenerated']),
  id: z.int().nonnegative(),
  framing: z.enum(FRAMINGS),
  ...pieces,
  turn,
  lpF: logprobs.exactOptional(),
  end: z.union([z.null(), z.object({ id: z.int().nonnegative(), bytes: pieceBytesSchema, control: z.boolean(), lpF: logprob.exactOptional() })]),
});
export type GeneratedLine = z.infer<typeof generatedLineSchema>;

interface PieceColumns {
  ids: number[];
  bytes: PieceBytes[];
  control?: number[];
}

/**
 * @throws AuditError `cannotScore` where a logprob is no finite number, which JSON cannot carry and no score could use.
 */
export function encodeCompletion(record: MeasuredRecord): CompletionLine {
  const { reference, end, divergence } = record;
  const finite = (value: number): number => requireFinite(value, record.id);
  return {
    type: 'completion',
    id: record.id,
    framing: record.framing,
    prefill: encodePieces(record.prefill.pieces),
    ...encodePieces(record.tokens),
    ...encodeTurn(record.turn),
    lpF: record.logprobsFinetuned.map(finite),
    reference: reference && encodeReference(reference, finite),
    ...(divergence && { kl: { fr: divergence.forward.map(finite), rf: divergence.backward.map(finite) } }),
    end: end && {
      id: end.piece.id,
      bytes: encodePieceBytes(end.piece.bytes),
      control: end.piece.control,
      lpF: finite(end.logprobFinetuned),
      lpR: end.logprobReference === null ? null : finite(end.logprobReference),
    },
  };
}

function requireFinite(value: number, id: number): number {
  if (Number.isFinite(value)) return value;
  throw new AuditError(
    'cannotScore',
    `A model gave the logprob ${value} in completion ${id}. The model file is probably damaged or its quantisation too coarse: try another file of the same model.`,
  );
}

/** @throws AuditError `cannotScore` where a logprob is no finite number */
export function encodeGenerated(completion: GeneratedCompletion, framing: Framing): GeneratedLine {
  const { id, tokens, logprobs: lpF, end } = completion;
  const isScored = hasLogprobs(completion);
  const read = (value: number) => requireFinite(roundLogprob(value, `completion ${id}`), id);
  return {
    type: 'generated',
    id,
    framing,
    ...encodePieces(tokens),
    ...encodeTurn(completion.turn),
    ...(isScored && { lpF: lpF.map(read) }),
    end: end && {
      id: end.piece.id,
      bytes: encodePieceBytes(end.piece.bytes),
      control: end.piece.control,
      ...(isScored && { lpF: read(end.logprob) }),
    },
  };
}

/** @throws Error where columns of the line have different lengths. */
export function decodeGenerated(line: GeneratedLine, cache: PieceCache = new Map()): GeneratedCompletion {
  const tokens = decodePieces(line, cache);
  if (line.lpF) requireLength(line.lpF, tokens.length);
  return {
    id: line.id,
    tokens,
    ...decodeTurn(line.turn, tokens.length, cache),
    logprobs: line.lpF ?? [],
    end: line.end && { piece: { id: line.end.id, bytes: decodePieceBytes(line.end.bytes), control: line.end.control }, logprob: line.end.lpF ?? NaN },
  };
}

/**
 * Pieces decoded before, by id: a journal says the same few thousand tokens over and over, and sharing them saves most of
 * the memory that it takes.
 */
export type PieceCache = Map<number, { readonly bytes: PieceBytes; readonly piece: Piece }>;

/** @throws Error where columns of the line have different lengths. */
export function decodeCompletion(line: CompletionLine, cache: PieceCache = new Map()): MeasuredRecord {
  const tokens = decodePieces(line, cache);
  requireLength(line.lpF, tokens.length);
  for (const column of line.kl ? [line.kl.fr, line.kl.rf] : []) requireLength(column, tokens.length);
  return {
    kind: 'measured',
    id: line.id,
    framing: line.framing,
    prefill: { pieces: decodePieces(line.prefill, cache) },
    tokens,
    ...decodeTurn(line.turn, tokens.length, cache),
    logprobsFinetuned: line.lpF,
    reference: decodeReference(line.reference, tokens.length, cache),
    ...(line.kl && { divergence: { forward: line.kl.fr, backward: line.kl.rf } }),
    end: line.end && {
      piece: { id: line.end.id, bytes: decodePieceBytes(line.end.bytes), control: line.end.control },
      logprobFinetuned: line.end.lpF,
      logprobReference: line.end.lpR,
    },
  };
}

function encodeReference(reference: ReferenceScoring, finite: (value: number) => number): CompletionLine['reference'] {
  const lp = reference.logprobs.map(finite);
  if (reference.kind === 'sameTokens') return { kind: 'sameTokens', lp };
  return {
    kind: 'ownTokens',
    ...encodePieces(reference.tokens),
    lp,
    straddleBytes: reference.straddleBytes,
    ofBytes: reference.cuts?.[0]?.[0] ?? reference.bytes,
    ...(reference.cuts && { behind: { cuts: reference.cuts.map(([start, end]): [number, number] => [start, end]), ofBytes: reference.bytes } }),
  };
}

function decodeReference(line: CompletionLine['reference'], tokenCount: number, cache: PieceCache): ReferenceScoring | null {
  if (!line) return null;
  if (line.kind === 'sameTokens') {
    requireLength(line.lp, tokenCount);
    return { kind: 'sameTokens', logprobs: line.lp };
  }
  const tokens = decodePieces(line, cache);
  requireLength(line.lp, tokens.length);
  const { straddleBytes, behind } = line;
  return { kind: 'ownTokens', tokens, logprobs: line.lp, straddleBytes, bytes: behind?.ofBytes ?? line.ofBytes, ...(behind && { cuts: behind.cuts }) };
}

function encodeTurn(turn: TemplateTurn | undefined): { turn?: { at: number } & PieceColumns } {
  return turn ? { turn: { at: turn.at, ...encodePieces(turn.pieces) } } : {};
}

function decodeTurn(turn: CompletionLine['turn'], tokenCount: number, cache: PieceCache): { turn?: TemplateTurn } {
  if (!turn) return {};
  if (turn.at > tokenCount) throw new Error(`a turn behind the end of ${tokenCount} tokens`);
  return { turn: { at: turn.at, pieces: decodePieces(turn, cache) } };
}

function encodePieces(list: readonly Piece[]): PieceColumns {
  const control = list.flatMap((piece, index) => (piece.control ? [index] : []));
  return {
    ids: list.map((piece) => piece.id),
    bytes: list.map((piece) => encodePieceBytes(piece.bytes)),
    ...(control.length > 0 && { control }),
  };
}

function decodePieces(columns: { ids: number[]; bytes: PieceBytes[]; control?: number[] }, cache: PieceCache): Piece[] {
  requireLength(columns.bytes, columns.ids.length);
  const controls = new Set(columns.control);
  return columns.ids.map((id, index) => {
    const bytes = columns.bytes[index]!;
    const control = controls.has(index);
    const known = cache.get(id);
    if (known?.bytes === bytes && known.piece.control === control) return known.piece;
    const piece: Piece = { id, bytes: decodePieceBytes(bytes), control };
    cache.set(id, { bytes, piece });
    return piece;
  });
}

function requireLength(values: readonly unknown[], length: number): void {
  if (values.length !== length) throw new Error(`${values.length} values for ${length} tokens`);
}
