/** Fetches what else each model could have said at one place of a completion. */
import type { MeasuredRecord } from '../../audit/completion.js';
import { boundDivergence, type DivergenceBound } from '../../audit/divergence-bound.js';
import { AuditError } from '../../audit/errors.js';
import type { AuditPlan } from '../../audit/plan.js';
import type { AuditSetup } from '../../audit/events.js';
import { continuesPrefill } from '../../audit/framing.js';
import type { Alternative, Frame, LanguageModel, Piece } from '../../audit/language-model.js';
import { canShareIds } from '../../audit/same-tokenizer.js';
import { withTurn } from '../../audit/wave/wave-context.js';
import { bytesOfTokens, decodeUtf8, toHex, validUtf8Prefix } from '../../text/utf8.js';
import type { AlternativesAnswer } from '../../messages/page.js';
import type { ModelProvider } from '../../models/provider.js';
import { resolveBundledModel } from '../../records/plan/bundled.js';
import { OpenModels } from '../../runner/run/open-models.js';
import { requireSameModel } from '../../runner/run/resume-check.js';

const ALTERNATIVES = 5;
/** What is asked for, from which the divergence is bounded: the more, the closer. */
const NAMED = 20;
const NO_COMPARISON = "Its alternatives would not be those of the audit's model: put the former file back to see them.";

export interface AlternativesQuestion {
  readonly audit: { readonly plan: AuditPlan; readonly setup: AuditSetup | null; readonly folder: string };
  readonly record: MeasuredRecord;
  /** Index of the token in whose place the alternatives stand. */
  readonly token: number;
}

/**
 * The most likely tokens of both models after the first `token` tokens of a completion. Opens both models, with room for
 * any place in the audit, so that question after question finds the same contexts; they stay loaded until they have been
 * idle for a while.
 * @param mediaFolder where `bundled:` models lie
 * @throws AuditError what opening a model throws; `badJournal` where a file is no longer the audit's; `cancelled`
 */
export async function fetchAlternatives(
  provider: ModelProvider,
  mediaFolder: string,
  { audit, record, token }: AlternativesQuestion,
  signal: AbortSignal,
): Promise<AlternativesAnswer> {
  const { plan: asked, setup, folder } = audit;
  const frames = setup?.frames[record.framing];
  if (!setup || !frames) throw new AuditError('badJournal', `The journal in ${folder} has no ${record.framing} framing.`);
  const [finetuned, reference] = await Promise.all([resolveBundledModel(asked.finetuned, mediaFolder), resolveBundledModel(asked.reference, mediaFolder)]);
  const plan = { ...asked, finetuned, reference, waveSize: 1 };
  const turn = record.turn && record.turn.at <= token ? { at: record.turn.at } : undefined;
  const place = (frame: Frame): Place => ({ frame, prefill: record.prefill.pieces, completion: record.tokens.slice(0, token), turn });
  const models = await OpenModels.open(provider, { plan, allowDownload: false }, signal);
  try {
    requireSameModel('finetuned', setup.finetuned, models.finetuned.identity, NO_COMPARISON);
    requireSameModel('reference', setup.reference, models.reference.identity, NO_COMPARISON);
    await models.fit(setup, signal);
    const own = await ask(models.finetuned, place(frames.finetuned), signal);
    const others = await askReference(models, setup, place(frames.reference), signal);
    const bound = setup.sameTokenizer ? boundFrom(own, others, models) : null;
    const show = (named: readonly Alternative[]) => named.slice(0, ALTERNATIVES).map(showAlternative);
    return { finetuned: show(own), reference: show(others), ...(bound && { divergence: bound }) };
  } finally {
    models.release();
  }
}

/** Where the alternatives stand: in place of the token that follows the completion's pieces. */
interface Place {
  readonly frame: Frame;
  readonly prefill: readonly Piece[];
  readonly completion: readonly Piece[];
  /** Of a place in a dialogue's answer: how many of the completion's tokens are the question. */
  readonly turn: { readonly at: number } | undefined;
}

async function askReference(models: OpenModels, setup: AuditSetup, place: Place, signal: AbortSignal): Promise<Alternative[]> {
  const { tokenIds } = models.reference.capabilities;
  const isShared = canShareIds(
    setup,
    [...place.prefill, ...place.completion].map(({ id }) => id),
  );
  for (;;) {
    const own = isShared || !tokenIds ? place : await tokenizeFor(models.reference, place, signal);
    try {
      return await ask(models.reference, own, signal);
    } catch (error) {
      const tooShort = error instanceof AuditError && error.code === 'contextTooShort' && !isShared;
      if (!tooShort || !(await models.growReference(signal))) throw error;
    }
  }
}

/** None of a server that names no alternatives. */
async function ask(model: LanguageModel, place: Place, signal: AbortSignal): Promise<Alternative[]> {
  const { frame, prefill, completion, turn } = place;
  const count = Math.min(NAMED, model.capabilities.alternatives);
  if (count === 0) return [];
  const ids = (pieces: readonly Piece[]) => pieces.map((piece) => piece.id);
  const prompt = [...frame.tokens, ...ids(prefill), ...(frame.after ?? []), ...withTurn(ids(completion), turn, frame)];
  return model.alternatives({ prompt, parts: { frame, prefill }, completion }, count, signal);
}

/** Another tokenizer's pieces of the text so far; a half character at its end is left out. */
async function tokenizeFor(model: LanguageModel, place: Place, signal: AbortSignal): Promise<Place> {
  const { frame, prefill, completion, turn } = place;
  if (turn) {
    const [question, answer] = await Promise.all([
      tokenizeFor(model, { ...place, completion: completion.slice(0, turn.at), turn: undefined }, signal),
      tokenizeFor(model, { ...place, prefill: [], completion: completion.slice(turn.at), turn: undefined }, signal),
    ]);
    return { frame, prefill: [], completion: [...question.completion, ...answer.completion], turn: { at: question.completion.length } };
  }
  const joint = continuesPrefill(frame.framing);
  const bytes = bytesOfTokens(joint ? [...prefill, ...completion] : completion);
  const text = decodeUtf8(bytes.subarray(0, validUtf8Prefix(bytes)));
  const [own, inTurn] = await model.tokenize([text, joint ? '' : decodeUtf8(bytesOfTokens(prefill))], signal);
  return { frame, prefill: inTurn!, completion: own!, turn };
}

/** By ids where both tell them, else by the tokens' bytes; `null` where either names nothing. */
function boundFrom(own: readonly Alternative[], others: readonly Alternative[], { finetuned, reference }: OpenModels): DivergenceBound | null {
  const byId = finetuned.capabilities.tokenIds && reference.capabilities.tokenIds;
  const nameOf = ({ piece }: Alternative) => `${byId ? piece.id : ''} ${piece.control} ${toHex(piece.bytes)}`;
  const name = (list: readonly Alternative[]) => list.map((one) => ({ token: nameOf(one), logprob: one.logprob }));
  return own.length === 0 || others.length === 0 ? null : boundDivergence(name(own), name(others));
}

function showAlternative({ piece, logprob }: Alternative): { text: string; logprob: number } {
  return { text: decodeUtf8(piece.bytes), logprob };
}
