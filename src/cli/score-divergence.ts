/** `score --divergence`: how far the distributions of two models lie apart at every token of one text. */
import { AuditError } from '../audit/errors.js';
import { DEFAULT_FRAMING_TEXTS } from '../audit/framing.js';
import type { LanguageModel, Piece, PositionDivergence } from '../audit/language-model.js';
import { isEndpoint, type ModelSource } from '../audit/plan.js';
import { textOfTokens, textsOfTokens, toHex } from '../text/utf8.js';
import type { ModelLease } from '../models/provider.js';
import { Colours } from './colours.js';
import { colourText } from './completion-text.js';
import { describeWindows, slideOver } from './slide.js';
import { printNote } from './terminal.js';

/** Tokens named at each place. */
const CONTRIBUTIONS = 3;

interface DivergingToken {
  readonly piece: Piece;
  /** `null` for the first one, which nothing predicts. */
  readonly place: PositionDivergence | null;
}

/**
 * @param reference as given with `--reference`
 * @throws AuditError `badPlan` where it is missing; `cannotScore` where one of the models is behind a server
 */
export function requireDivergencePair(source: ModelSource, reference: ModelSource | undefined): asserts reference is ModelSource {
  if (reference === undefined) throw new AuditError('badPlan', '--divergence compares the model with another one. Give it with --reference.');
  if (isEndpoint(source) || isEndpoint(reference)) {
    throw new AuditError('cannotScore', 'Divergence is a sum over whole distributions, which no server gives: both models must be GGUF files.');
  }
}

/** BOS first where the model's metadata asks for one, as in front of every text that the model is given. */
export async function tokenizeWithBos(model: LanguageModel, text: string, signal: AbortSignal): Promise<Piece[]> {
  const [pieces] = await model.tokenize([text], signal, { parseSpecial: true });
  const frame = await model.frame({ framing: 'raw', texts: DEFAULT_FRAMING_TEXTS }, signal);
  return [...(await model.pieces(frame.tokens, signal)), ...pieces!];
}

/**
 * @param usualTokens that are opened first; a longer text opens the models again
 * @returns what is printed, for people or as JSON
 */
export async function printDivergence(
  open: (source: ModelSource, contextTokens: number) => Promise<ModelLease>,
  pair: { readonly source: ModelSource; readonly reference: ModelSource; readonly usualTokens: number },
  text: string,
  json: boolean,
  signal: AbortSignal,
): Promise<string> {
  const openBoth = async (tokens: number): Promise<[ModelLease, ModelLease]> => [await open(pair.source, tokens), await open(pair.reference, tokens)];
  let leases = await openBoth(pair.usualTokens);
  const pieces = await tokenizeWithBos(leases[0].model, text, signal);
  if (pieces.length > pair.usualTokens) {
    for (const lease of leases) lease.release();
    leases = await openBoth(Math.min(pieces.length, roomOf(leases[0].model, leases[1].model)));
  }
  const [{ model }, { model: reference }] = leases;
  const tokens = await measure(model, reference, pieces, signal);
  return json ? formatJson(tokens) : formatForPeople(tokens, model.identity.name, reference.identity.name);
}

/** Tokens that both have room for. */
function roomOf(model: LanguageModel, reference: LanguageModel): number {
  return Math.min(model.identity.contextLength ?? Infinity, reference.identity.contextLength ?? Infinity);
}

async function measure(model: LanguageModel, reference: LanguageModel, pieces: readonly Piece[], signal: AbortSignal): Promise<DivergingToken[]> {
  const places: PositionDivergence[] = [];
  const room = roomOf(model, reference);
  const windows = slideOver(pieces, room);
  for (const window of windows) {
    for await (const answer of model.divergence!([window], reference, { signal, contributions: CONTRIBUTIONS })) places.push(...answer.positions);
  }
  const note = describeWindows(pieces.length, windows, room);
  if (note !== null) printNote(note);
  return pieces.map((piece, index) => ({ piece, place: index === 0 ? null : places[index - 1]! }));
}

/** KL is `null` where it is infinite: JSON has no such number. */
function formatJson(tokens: readonly DivergingToken[]): string {
  const lines = tokens.map(({ piece, place }) =>
    JSON.stringify({
      id: piece.id,
      bytes: toHex(piece.bytes),
      logprob: place?.logprob ?? null,
      referenceLogprob: place?.otherLogprob ?? null,
      kl: place?.forward ?? null,
      reverseKl: place?.backward ?? null,
      entropy: place?.entropy ?? null,
      referenceEntropy: place?.otherEntropy ?? null,
      top: (place?.top ?? []).map(({ piece: { id, bytes }, contribution }) => ({ id, bytes: toHex(bytes), contribution })),
    }),
  );
  return lines.length === 0 ? '{"tokens": []}\n' : `{"tokens": [\n${lines.join(',\n')}\n]}\n`;
}

function formatForPeople(tokens: readonly DivergingToken[], name: string, referenceName: string): string {
  const colours = new Colours();
  const plain = new Colours(0);
  const show = (text: string): string => colourText(text, plain, (part) => part).replace('\n', '');
  const texts = textsOfTokens(tokens.map(({ piece }) => piece));
  const number = (nats: number): string => nats.toFixed(3).padStart(9);
  const rows = tokens.map(({ piece, place }, index) => {
    const id = String(piece.id).padStart(8);
    if (place === null) return `${id}${'–'.padStart(9).repeat(4)}  ${show(texts[index]!)}`;
    const gap = place.logprob - place.otherLogprob;
    const logprob = number(place.logprob);
    const top = place.top.map((entry) => `${show(textOfTokens([entry.piece]))} ${entry.contribution.toFixed(2)}`).join(', ');
    const values = `${colours.enabled ? colours.shade(logprob, gap) : logprob}${number(place.otherLogprob)}${number(place.forward)}${number(place.backward)}`;
    return `${id}${values}  ${show(texts[index]!)}${top === '' ? '' : `  ${colours.faint(`← ${top}`)}`}`;
  });
  const known = tokens.flatMap(({ place }) => (place === null ? [] : [place]));
  const mean = (of: (place: PositionDivergence) => number): string => (known.reduce((sum, place) => sum + of(place), 0) / known.length).toFixed(4);
  const summary =
    known.length === 0
      ? 'Nothing to compare.'
      : `${known.length} tokens, mean KL(F‖R) ${mean(({ forward }) => forward)} nats, mean KL(R‖F) ${mean(({ backward }) => backward)} nats`;
  const heading = `      id   ln P(F)  ln P(R)  KL(F‖R)  KL(R‖F)  token  ← what F says more than R (nats of KL(F‖R))`;
  return `${colours.bold(`F: ${name}`)}\n${colours.bold(`R: ${referenceName}`)}\n${colours.faint(heading)}\n${rows.join('\n')}\n${summary}\n`;
}
