/** Preparation between loading both models and the first completion: frames, prefills, and whether all of it fits the context. */
import { AuditError } from './errors.js';
import type { AuditSetup } from './events.js';
import type { Framing, FramingTexts } from './framing.js';
import type { Frame, FrameRequest, LanguageModel, ModelIdentity, TokenizerComparison } from './language-model.js';
import type { AuditPlan } from './plan.js';
import { agreeOnPieces, canShareIds, compareTokenizersOf, countIds } from './same-tokenizer.js';

/** What preparing needs of a plan. */
export type PreparedPlan = Pick<AuditPlan, 'framings' | 'system' | 'user' | 'ask' | 'maxTokens' | 'finetunedLogprobs' | 'divergence'>;

export interface Preparation {
  readonly plan: PreparedPlan;
  readonly finetuned: LanguageModel;
  readonly reference: LanguageModel;
  /** Token ids of every prefill, per framing of the plan. */
  readonly prefills: AuditSetup['prefills'];
  /** What F is given before its prefills, in place of the frames that it would render. */
  readonly frames?: Readonly<Partial<Record<Framing, Frame>>>;
  /** What drawing the prefills already found worth saying; comes first in the setup's remarks. */
  readonly remarks?: readonly string[];
  readonly signal: AbortSignal;
}

interface FramePair {
  readonly finetuned: Frame;
  readonly reference: Frame;
}

/**
 * Renders the frames of both models and checks that the plan can be carried out with them.
 *
 * With one tokenizer the reference gets F's frame, id for id, if it has all of these ids; otherwise it renders its own, and
 * where it has no template for that, F's rendered turn as plain text.
 *
 * @throws AuditError `cannotGenerate`, `cannotScore` where a model lacks what the plan needs; `noChatTemplate` where F has
 * none; `contextTooShort` where frame, prefill and completion exceed a context; `badPlan`, `badPrefillFile` where a
 * framing or an opening is missing; `cancelled`.
 */
export async function prepareAudit(preparation: Preparation): Promise<AuditSetup> {
  const { plan, finetuned, reference, signal } = preparation;
  requireCapabilities(preparation);
  if (plan.framings.length === 0) throw new AuditError('badPlan', 'The plan has no framing. Choose raw, chat or both.');
  const texts: FramingTexts = { system: plan.system, user: plan.user, ask: plan.ask };
  const frames: Partial<Record<Framing, FramePair>> = {};
  const prefills: Partial<Record<Framing, readonly (readonly number[])[]>> = {};
  const remarks = [...new Set([...(preparation.remarks ?? []), ...(finetuned.remarks ?? []), ...(reference.remarks ?? [])])];
  const framesOfF = new Map<Framing, Frame>();
  for (const framing of plan.framings) framesOfF.set(framing, preparation.frames?.[framing] ?? (await renderFrame(finetuned, framing, texts, signal)));
  const tokenizers = await compareForFrames(preparation, [...framesOfF.values()]);
  if (plan.divergence) requireDistributions(preparation, tokenizers.same);
  const unlikeIds = tokenizers.same ? tokenizers.unlikeIds : [];
  const shared = { sameTokenizer: tokenizers.same, ...(unlikeIds.length > 0 && { unlikeIds }) };
  for (const [framing, own] of framesOfF) {
    const givesOwn = canShareIds(shared, idsOf(own));
    const pair: FramePair = {
      finetuned: own,
      reference: givesOwn ? own : await reference.frame({ framing, texts, ...fallbackOf(own) }, signal),
    };
    requireTurnText(reference, pair.reference, finetuned.identity.name);
    const openings = preparation.prefills[framing] ?? [];
    requireOpenings(openings, framing);
    requireContext(preparation, pair, openings);
    frames[framing] = pair;
    prefills[framing] = openings;
    remarks.push(...describeFrames(preparation, pair, givesOwn));
    if (tokenizers.same && !givesOwn) {
      remarks.push(
        `The ${framing} turn of ${finetuned.identity.name} has tokens that ${reference.identity.name} has not: in that framing the reference is given a turn of its own tokens.`,
      );
    }
  }
  remarks.push(...describeTokenizers(tokenizers, finetuned.identity, reference.identity));
  return { finetuned: finetuned.identity, reference: reference.identity, ...shared, frames, prefills, remarks };
}

/** Why there are no gaps per token, or where there are none, is worth saying. */
function describeTokenizers(tokenizers: TokenizerComparison, finetuned: ModelIdentity, reference: ModelIdentity): string[] {
  if (!tokenizers.same)
    return [`The two tokenizers differ: ${tokenizers.difference}. Gaps belong to segments of text, and bits per byte is what compares them.`];
  const count = countIds(tokenizers.unlikeIds);
  if (count === 0) return [];
  const has = count === 1 ? '1 token id of' : `${count} token ids of`;
  return [
    `${has} ${finetuned.name} stand for something else in the vocabulary of ${reference.name}, or for nothing: a completion with one of them is compared by segments of text, all others token by token.`,
  ];
}

async function compareForFrames({ finetuned, reference, signal }: Preparation, frames: readonly Frame[]): Promise<TokenizerComparison> {
  const tokenizers = await compareTokenizersOf(finetuned, reference, signal);
  if (!tokenizers.same || (!finetuned.capabilities.independent && !reference.capabilities.independent)) return tokenizers;
  if (await agreeOnPieces(finetuned, reference, frames.flatMap(idsOf), signal)) return tokenizers;
  return { same: false, difference: 'tokens of the chat template stand for something else in the other vocabulary' };
}

function idsOf({ tokens, after = [], reply }: Frame): number[] {
  return [...tokens, ...after, ...(reply?.tokens ?? [])];
}

function requireCapabilities({ plan, finetuned, reference }: Preparation): void {
  if (!finetuned.capabilities.generate) {
    throw new AuditError(
      'cannotGenerate',
      `${finetuned.identity.name} cannot generate text with logprobs. Choose another source of the finetuned model, such as a GGUF file.`,
    );
  }
  if (plan.finetunedLogprobs === 'forward' && !(finetuned.capabilities.score && finetuned.capabilities.tokenIds)) {
    throw new AuditError(
      'cannotScore',
      `${finetuned.identity.name} cannot score given token ids. Take the finetuned model's logprobs from the generation ("finetunedLogprobs": "generation").`,
    );
  }
  if (!reference.capabilities.score) {
    throw new AuditError(
      'cannotScore',
      `${reference.identity.name} cannot score a given text, as a reference model must. Choose another, such as a GGUF file.`,
    );
  }
  if (plan.framings.includes('dialogue') && !reference.capabilities.tokenIds) {
    throw new AuditError(
      'cannotScore',
      `${reference.identity.name} takes plain texts only, and a dialogue has two, with the template's turn between. Leave the dialogue framing out, or choose another reference, such as a GGUF file.`,
    );
  }
  const impossible = plan.framings.filter((framing) => finetuned.identity.hasChatTemplate && !finetuned.capabilities.framings.includes(framing));
  if (impossible.length > 0) {
    const possible = finetuned.capabilities.framings;
    const reason = impossible.includes('raw')
      ? 'takes turns of a conversation only, as its server offers it, and continues no plain text'
      : "cannot continue an assistant's turn, as the chat framing needs";
    throw new AuditError(
      'cannotGenerate',
      `${finetuned.identity.name} ${reason}. ${possible.length === 0 ? 'Choose another source of the model.' : `Use the ${possible.join(' or ')} framing.`}`,
    );
  }
}

function requireDistributions({ finetuned, reference }: Preparation, sameTokenizer: boolean): void {
  const without = [finetuned, reference].find(({ capabilities }) => capabilities.distributions !== true);
  if (without !== undefined) {
    throw new AuditError(
      'cannotScore',
      `Divergence is a sum over whole distributions, which ${without.identity.name} does not give (${without.identity.engine}). It needs two GGUF files and the engine “native”; leave it out of the plan otherwise.`,
    );
  }
  const sameSize =
    finetuned.identity.tokenizerFingerprint === reference.identity.tokenizerFingerprint &&
    finetuned.identity.vocabularySize === reference.identity.vocabularySize;
  if (sameTokenizer && sameSize) return;
  throw new AuditError(
    'cannotScore',
    `${finetuned.identity.name} and ${reference.identity.name} have different tokenizers: their distributions are over different tokens, and have no divergence. Leave it out of the plan, or choose a reference with the same tokenizer.`,
  );
}

/** A turn that was rendered elsewhere can be lent only where its text is known. */
function fallbackOf({ framing, text, textAfter, reply }: Frame): Pick<FrameRequest, 'fallbackText' | 'fallbackTextAfter'> {
  if (framing === 'raw' || text === '') return {};
  const after = reply?.text ?? textAfter;
  return { fallbackText: text, ...(after !== undefined && { fallbackTextAfter: after }) };
}

async function renderFrame(finetuned: LanguageModel, framing: Framing, texts: FramingTexts, signal: AbortSignal): Promise<Frame> {
  if (framing !== 'raw') requireChat(finetuned, framing);
  return finetuned.frame({ framing, texts }, signal);
}

function requireChat(finetuned: LanguageModel, framing: Framing): void {
  if (finetuned.identity.hasChatTemplate) return;
  throw new AuditError(
    'noChatTemplate',
    `${finetuned.identity.name} has no chat template, so the ${framing} framing cannot be used. Use the raw framing alone.`,
  );
}

/** A model that takes nothing but texts must be given the turn as text; what renders it elsewhere may keep it to itself. */
function requireTurnText(reference: LanguageModel, frame: Frame, finetunedName: string): void {
  if (frame.framing === 'raw' || reference.capabilities.tokenIds || frame.text !== '') return;
  throw new AuditError(
    'cannotScore',
    `${reference.identity.name} takes plain texts only, and the server of ${finetunedName} does not show how it renders the ${frame.framing} framing.` +
      ' Use the raw framing, or a reference with a chat template of its own, such as a GGUF file.',
  );
}

function requireOpenings(openings: readonly (readonly number[])[], framing: Framing): void {
  if (openings.length === 0) throw new AuditError('badPrefillFile', `There is no prefill for the ${framing} framing. Add some, or leave the framing out.`);
  const empty = openings.findIndex((ids) => ids.length === 0);
  if (empty >= 0) {
    throw new AuditError('badPrefillFile', `Prefill ${empty + 1} of the ${framing} framing has no token. Remove it.`);
  }
}

function requireContext({ plan, finetuned, reference }: Preparation, frames: FramePair, openings: readonly (readonly number[])[]): void {
  const opening = openings.reduce((longest, ids) => Math.max(longest, ids.length), 0);
  const rooms = [
    { model: finetuned.identity, frame: frames.finetuned },
    { model: reference.identity, frame: frames.reference },
  ].flatMap(({ model: { name, contextLength }, frame }) =>
    contextLength === null
      ? []
      : [{ name, contextLength, taken: idsOf(frame).length + opening, tokens: roomFor(frame, contextLength - idsOf(frame).length - opening) }],
  );
  const [first, ...others] = rooms;
  if (!first) return;
  const tightest = others.reduce((a, b) => (b.tokens < a.tokens ? b : a), first);
  if (plan.maxTokens <= tightest.tokens) return;
  const { name, contextLength, taken } = tightest;
  const before = `${name} has a context of ${contextLength} tokens, and the ${frames.finetuned.framing} framing with the longest prefill takes ${taken} of them`;
  throw new AuditError(
    'contextTooShort',
    tightest.tokens >= 1
      ? `${before}: completions of ${plan.maxTokens} tokens do not fit. Set the length to ${tightest.tokens} tokens at most.`
      : `${before}: no completion fits. Shorten the system and user texts or the prefills.`,
  );
}

/** Of a dialogue's two parts each may be as long. */
function roomFor({ framing }: Frame, tokens: number): number {
  return framing === 'dialogue' ? Math.floor(tokens / 2) : tokens;
}

function describeFrames({ finetuned, reference }: Preparation, frames: FramePair, sharesFrame: boolean): string[] {
  const remarks: string[] = [];
  const folded = (name: string): string => `The chat template of ${name} has no system turn: the system text is at the head of the user's turn.`;
  if (frames.finetuned.systemFolded) remarks.push(folded(finetuned.identity.name));
  const thinks = (name: string, { framing, thoughts }: Frame): void => {
    if (thoughts === 'open')
      remarks.push(
        `The chat template of ${name} opens thoughts and does not say how to close them: in the ${framing} framing completions are thoughts, not answers.`,
      );
    if (thoughts === 'leftOut')
      remarks.push(
        `The chat template of ${name} has the model think before it answers. In the ${framing} framing its thoughts are left out, as the template does in earlier turns: the prefill begins the answer.`,
      );
  };
  thinks(finetuned.identity.name, frames.finetuned);
  if (!finetuned.capabilities.tokenIds) {
    remarks.push(`The server of ${finetuned.identity.name} does not tell its token ids: prefills are counted in pieces of words, up to 6 bytes long.`);
  }
  if (sharesFrame) return remarks;
  thinks(reference.identity.name, frames.reference);
  if (frames.reference.borrowed) {
    remarks.push(`${reference.identity.name} has no chat template: it was given the turn of ${finetuned.identity.name} as plain text.`);
  } else if (frames.reference.systemFolded) {
    remarks.push(folded(reference.identity.name));
  }
  return remarks;
}
