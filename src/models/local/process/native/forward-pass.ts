/** A forward pass over given texts, by one context or by several in step, that hands out the row of each wanted token. */
import type { GivenTokens } from '../../../../audit/language-model.js';
import type { WaveHooks } from '../computing.js';
import { nothingBefore } from '../wave-errors.js';
import { groupTexts } from './forward-batches.js';
import type { NativeContext } from './native-context.js';
import { computeShared } from './shared-prefix.js';

/** Where a token of a continuation is predicted. */
export interface PredictingRow {
  readonly request: GivenTokens;
  /** The token that follows. */
  readonly token: number;
  /** By which each context knows its row, until it computes again. */
  readonly index: number;
}

interface Text {
  readonly request: GivenTokens;
  readonly sequence: number;
  /** All tokens that are computed: the last one's own successor is not asked for. */
  readonly inputs: readonly number[];
  done: number;
}

/**
 * All contexts compute the same batches.
 * @param contexts different ones
 * @param onRow once for each token of each continuation, a text's in order
 * @param onText when a text's last row was handed out
 * @throws AuditError `cannotScore` for a text without a token before its continuation; `contextTooShort`; `cancelled`
 */
export async function passOver(
  contexts: readonly NativeContext[],
  wave: readonly GivenTokens[],
  onRow: (row: PredictingRow) => void,
  onText: (request: GivenTokens) => void,
  hooks: WaveHooks,
): Promise<void> {
  hooks.beforeStep();
  const asked = wave.filter(({ continuation }) => continuation.length > 0);
  for (const request of wave) if (request.continuation.length === 0) onText(request);
  for (const { id, prompt } of asked) if (prompt.length === 0) throw nothingBefore(id);
  for (const context of contexts) context.begin(asked.map(({ prompt, continuation }) => prompt.length + continuation.length));
  let shared: readonly number[] = [];
  for (const context of contexts)
    shared = await computeShared(
      context,
      asked.map(({ prompt }) => prompt),
      hooks,
    );
  const texts = asked.map((request, sequence): Text => ({
    request,
    sequence,
    inputs: [...request.prompt, ...request.continuation.slice(0, -1)],
    done: shared[sequence]!,
  }));
  const limits = {
    tokens: Math.min(...contexts.map(({ batch }) => batch.capacity)),
    rows: Math.min(...contexts.map(({ maxRows }) => maxRows)),
    capacity: Math.min(...contexts.map(({ capacity }) => capacity)),
  };
  const remainders = texts.map(({ request, inputs, done }) => ({ done, length: inputs.length - done, rows: request.continuation.length }));
  for (const indices of groupTexts(remainders, limits)) {
    const group = indices.map((index) => texts[index]!);
    const end = Math.max(...group.map(({ inputs, done }) => inputs.length - done));
    // One that fills no more than a batch is computed in one step; a longer one is alone.
    const step = Math.min(end, limits.tokens, group.length > 1 ? end : limits.rows);
    for (let at = 0; at < end; at += step) {
      hooks.beforeStep();
      let rows: PredictingRow[] = [];
      for (const context of contexts) {
        rows = fill(context, group, Math.min(step, end - at));
        await context.decode();
        hooks.onTokens(group.reduce((sum, { inputs, done }) => sum + Math.max(0, Math.min(step, inputs.length - done)), 0));
      }
      rows.forEach(onRow);
      for (const text of group) text.done += step;
    }
    for (const { request } of group) onText(request);
  }
}

/** The same indices in every context. Behind its end, a text is filled up with its last token. */
function fill({ batch }: NativeContext, group: readonly Text[], step: number): PredictingRow[] {
  const rows: PredictingRow[] = [];
  batch.clear();
  for (const { request, inputs, sequence, done } of group) {
    for (let i = done; i < done + step; i++) {
      const place = i - (request.prompt.length - 1);
      const wanted = place >= 0 && i < inputs.length;
      const index = batch.add(inputs[Math.min(i, inputs.length - 1)]!, i, sequence, wanted);
      if (wanted) rows.push({ request, token: request.continuation[place]!, index });
    }
  }
  return rows;
}
