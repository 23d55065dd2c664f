/** What else each model could have said at one place of a completion. */
import type { CompletionRecord } from '../audit/completion.js';
import { AuditError } from '../audit/errors.js';
import type { Alternative, LanguageModel, Piece } from '../audit/language-model.js';
import type { ModelSource } from '../audit/plan.js';
import { bytesOfTokens, decodeUtf8, validUtf8Prefix } from '../audit/utf8.js';
import type { AlternativesAnswer } from '../messages/page.js';
import type { ModelProvider, OpenOptions } from '../models/provider.js';
import { resolveBundledModel } from '../records/bundled.js';
import type { AuditSession } from '../runner/audit-session.js';

const ALTERNATIVES = 5;

export interface AlternativesQuestion {
  readonly session: AuditSession;
  readonly record: CompletionRecord;
  /** Index of the token in whose place the alternatives stand. */
  readonly token: number;
}

/**
 * The most likely tokens of both models after the first `token` tokens of a completion. Opens both models; they stay
 * loaded until they have been idle for a while.
 * @param mediaFolder where `bundled:` models lie
 * @throws AuditError what opening a model throws; `cancelled`
 */
export async function fetchAlternatives(
  provider: ModelProvider,
  mediaFolder: string,
  { session, record, token }: AlternativesQuestion,
  signal: AbortSignal,
): Promise<AlternativesAnswer> {
  const { setup, plan } = session;
  const frames = setup?.frames[record.framing];
  if (!setup || !frames) throw new AuditError('badJournal', `The journal in ${session.folder} has no ${record.framing} framing.`);
  const before = [...record.prefill.pieces, ...record.tokens.slice(0, token)];
  const given = before.map((piece) => piece.id);

  const ask = async (
    source: ModelSource,
    frame: readonly number[],
    mostTokens: number,
    continueWith: (model: LanguageModel) => Promise<readonly number[]>,
  ) => {
    const options: OpenOptions = { waveSize: 1, contextTokens: frame.length + mostTokens + 1, allowDownload: false };
    const lease = await provider.open(await resolveBundledModel(source, mediaFolder), options, signal);
    try {
      const prompt = [...frame, ...(await continueWith(lease.model))];
      return (await lease.model.alternatives(prompt, ALTERNATIVES, signal)).map(showAlternative);
    } finally {
      lease.release();
    }
  };
  const finetuned = await ask(plan.finetuned, frames.finetuned.tokens, given.length, async () => given);
  const reference = setup.sameTokenizer
    ? await ask(plan.reference, frames.reference.tokens, given.length, async () => given)
    : // No token is shorter than a byte.
      await ask(plan.reference, frames.reference.tokens, bytesOfTokens(before).length + 1, (model) => tokenizeFor(model, before, signal));
  return { finetuned, reference };
}

/** Another tokenizer's ids of the text so far; a half character at its end is left out. */
async function tokenizeFor(model: LanguageModel, before: readonly Piece[], signal: AbortSignal): Promise<number[]> {
  const bytes = bytesOfTokens(before);
  const [pieces] = await model.tokenize([decodeUtf8(bytes.subarray(0, validUtf8Prefix(bytes)))], signal);
  return pieces!.map((piece) => piece.id);
}

function showAlternative({ piece, logprob }: Alternative): { text: string; logprob: number } {
  return { text: decodeUtf8(piece.bytes), logprob };
}
