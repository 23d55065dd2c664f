/** Scoring by a reference with a tokenizer of its own: it is given the completion's text (DESIGN: different tokenizers). */
import type { Prefill } from '../completion.js';
import { AuditError, throwIfCancelled } from '../errors.js';
import { continuesPrefill } from '../framing.js';
import type { Job } from '../jobs.js';
import type { Frame, GeneratedCompletion, LanguageModel, OwnTokens, Piece, GivenText } from '../language-model.js';
import { roundLogprob } from '../logprob.js';
import {
  cutAtCompletion,
  joinStretches,
  placeTokens,
  reachOf,
  splitAtCuts,
  textForReference,
  type PlacedToken,
  type ReferenceText,
  type ReferenceTokens,
  type Stretch,
} from '../reference-text.js';
import { bytesOfTokens, decodeUtf8, isValidUtf8 } from '../../text/utf8.js';
import { collectAnswers, missingAnswer, askLogprobs } from './ask-model.js';
import { withoutTurn, withTurn, type WrittenCompletion, type WaveContext } from './wave-context.js';

type OnOwnTokens = (one: WrittenCompletion, scoring: OwnTokens | null) => void;

/**
 * By id; what the reference could be given nothing of has `null`, what was set aside is left out.
 * @param onScored told each as it comes
 */
export async function scoreOwnTokens(
  written: readonly WrittenCompletion[],
  context: WaveContext,
  onScored?: OnOwnTokens,
): Promise<Map<number, OwnTokens | null>> {
  const scored = new Map<number, OwnTokens | null>();
  const score = context.reference.capabilities.tokenIds ? scoreCutTexts : scoreWholeTexts;
  await score(written, context, (one, scoring) => {
    scored.set(one.job.id, scoring);
    onScored?.(one, scoring);
  });
  return scored;
}

/** By a reference that tokenises first and is then given its ids. */
async function scoreCutTexts(written: readonly WrittenCompletion[], context: WaveContext, onScored: OnOwnTokens): Promise<void> {
  const cuts = await cutForReference(written, context);
  const asked = new Map<number, { readonly written: WrittenCompletion; readonly cut: CutForReference }>();
  for (const [index, one] of written.entries()) {
    const cut = cuts[index];
    if (cut) asked.set(one.job.id, { written: one, cut });
    else onScored(one, null);
  }
  const requests = [...asked.values()].map(({ written: { job }, cut }) => ({
    job,
    id: job.id,
    prompt: cut.prompt,
    continuation: withTurn(
      cut.tokens.slice(cut.unconditioned).map((piece) => piece.id),
      cut.turn,
      cut.frame,
    ),
  }));
  await askLogprobs(requests, context.reference, 'reference', context, (id, all) => {
    const { written: one, cut } = asked.get(id)!;
    const { prompt: _prompt, prefillTokens: _prefillTokens, unconditioned, turn, frame, ...own } = cut;
    const logprobs = withoutTurn(all, turn, frame);
    // A token that nothing stands before is given to R, not predicted by it.
    onScored(one, { ...own, logprobs: [...Array<number>(unconditioned).fill(0), ...logprobs] });
  });
}

/** By a reference that takes texts and says how it tokenised them. */
async function scoreWholeTexts(written: readonly WrittenCompletion[], context: WaveContext, onScored: OnOwnTokens): Promise<void> {
  const { reference, signal } = context;
  throwIfCancelled(signal);
  if (!reference.logprobsOfTexts) throw new AuditError('cannotScore', `${reference.identity.name} cannot score a given text. Choose another reference model.`);
  const asked = new Map<number, { readonly written: WrittenCompletion; readonly text: ReferenceText; readonly request: GivenText }>();
  for (const one of written) {
    const { job, prefill, frameReference, completion } = one;
    const text = isWholeText(prefill) ? textForReference(givenPrefill(job, prefill), completion.tokens) : null;
    if (text === null) onScored(one, null);
    else {
      asked.set(job.id, { written: one, text, request: { id: job.id, parts: { frame: frameReference, prefill: prefill.pieces }, text: joinStretches(text) } });
    }
  }
  const wave = [...asked.values()];
  const answers = await collectAnswers(
    wave.map(({ written: { job } }) => job),
    context,
    (options) =>
      reference.logprobsOfTexts!(
        wave.map(({ request }) => request),
        options,
      ),
    ({ scoring }) => scoring?.tokens.length ?? 0,
    ({ id, scoring }) => {
      const owner = `completion ${id} under the reference model`;
      const { written: one, text } = asked.get(id)!;
      onScored(one, scoring && splitAtCuts(text, { ...scoring, logprobs: scoring.logprobs.map((logprob) => roundLogprob(logprob, owner)) }));
    },
  );
  for (const id of asked.keys()) if (!answers.has(id)) throw missingAnswer(reference, id);
}

/** A prefill from a file of ids may end inside a character, and then is no text that could stand in a turn or before one. */
function isWholeText({ pieces }: Prefill): boolean {
  return pieces.every(({ control }) => !control) && isValidUtf8(bytesOfTokens(pieces));
}

/** The prefill that the completion's own text goes on from; none where it stands in the user's turn. */
function givenPrefill(job: Job, prefill: Prefill): Prefill['pieces'] {
  return continuesPrefill(job.framing) ? prefill.pieces : [];
}

/** A dialogue's two parts are two texts: a control token between them, as the template has them, cuts one from the other. */
function cutAtTurn({ tokens, turn }: GeneratedCompletion): readonly Piece[] {
  if (turn === undefined) return tokens;
  return [...tokens.slice(0, turn.at), { id: 0, bytes: new Uint8Array(), control: true }, ...tokens.slice(turn.at)];
}

function bytesOfText(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { bytes, control }) => sum + (control ? 0 : bytes.length), 0);
}

interface CutForReference extends ReferenceTokens {
  readonly prompt: readonly number[];
  /** 1 where R's first token has nothing at all before it, not even a BOS; it straddles the prefill's end and is in no sum. */
  readonly unconditioned: 0 | 1;
  /** Of a dialogue: how many of the tokens are the question's. */
  readonly turn: { readonly at: number } | undefined;
  readonly frame: Frame;
}

async function cutForReference(written: readonly WrittenCompletion[], { reference, signal }: WaveContext): Promise<(CutForReference | null)[]> {
  throwIfCancelled(signal);
  const texts = written.map(({ job, prefill, completion }) =>
    continuesPrefill(job.framing) || isWholeText(prefill) ? textForReference(givenPrefill(job, prefill), cutAtTurn(completion)) : null,
  );
  const placed = await placeTexts(texts, reference, signal);
  const inTurns = await tokenisePrefillsInTurns(written, reference, signal);
  return texts.map((text, index): CutForReference | null => {
    const cut = text && cutAtCompletion(placed[index]!, text.controls);
    if (cut === null) return null;
    const { frameReference: frame, completion } = written[index]!;
    const questionBytes = completion.turn && bytesOfText(completion.tokens.slice(0, completion.turn.at));
    const turn =
      questionBytes === undefined ? undefined : { at: placed[index]!.slice(cut.prefillTokens.length).filter(({ start }) => start < questionBytes).length };
    const before = [...frame.tokens, ...inTurns[index]!, ...(frame.after ?? []), ...cut.prefillTokens];
    const fitting = fitContext(cut, before.length + (turn ? (frame.reply?.tokens.length ?? 0) : 0), reference.identity.contextLength);
    const unconditioned = before.length === 0 ? 1 : 0;
    if (unconditioned && cut.straddleBytes === 0) return null;
    return fitting && { ...fitting, prompt: unconditioned ? [fitting.tokens[0]!.id] : before, unconditioned, turn, frame };
  });
}

/** A text may have a character that the reference has no token for, and another behind it; each is one more round for all texts together. */
const MOST_ROUNDS = 16;

/** The reference's tokens of each text, in order; it goes on behind whatever it cannot give back. */
async function placeTexts(texts: readonly (ReferenceText | null)[], reference: LanguageModel, signal: AbortSignal): Promise<PlacedToken[][]> {
  const placed = texts.map((): PlacedToken[] => []);
  let waiting = texts.flatMap((text, index) => (text?.stretches ?? []).map((stretch) => ({ index, stretch })));
  for (let round = 0; round < MOST_ROUNDS && waiting.length > 0; round++) {
    const tokenised = await reference.tokenize(
      waiting.map(({ stretch }) => decodeUtf8(stretch.bytes)),
      signal,
    );
    const left: { readonly index: number; readonly stretch: Stretch }[] = [];
    for (const [k, { index, stretch }] of waiting.entries()) {
      const { tokens, rest } = placeTokens(stretch, tokenised[k]!);
      placed[index]!.push(...tokens);
      if (rest !== null) left.push({ index, stretch: rest });
    }
    waiting = left;
  }
  // What was left in one round stands before what was whole in another.
  for (const tokens of placed) tokens.sort((a, b) => a.start - b.start);
  return placed;
}

/** The reference's ids of the prefills that stand in a user's turn; none for the others. */
async function tokenisePrefillsInTurns(written: readonly WrittenCompletion[], reference: LanguageModel, signal: AbortSignal): Promise<number[][]> {
  const texts = written.map(({ job, prefill }) => (continuesPrefill(job.framing) ? '' : decodeUtf8(bytesOfTokens(prefill.pieces))));
  if (texts.every((text) => text === '')) return texts.map(() => []);
  return (await reference.tokenize(texts, signal)).map((pieces) => pieces.map((piece) => piece.id));
}

/** R may need more tokens for the text than F did; it is given as many as fit behind the prompt, and `bytes` says so. */
function fitContext(cut: ReferenceTokens, promptTokens: number, contextLength: number | null): ReferenceTokens | null {
  const room = (contextLength ?? Infinity) - promptTokens;
  if (cut.tokens.length <= room) return cut;
  const { cuts, ...own } = cut;
  const tokens = cut.tokens.slice(0, Math.max(0, room));
  const reach = reachOf({ tokens, straddleBytes: cut.straddleBytes, ...(cuts && { cuts }) });
  return reach.bytes > 0 ? { ...own, tokens, ...reach } : null;
}
