/** A forward pass over given texts, by one context or by several in step, that hands out the row of each wanted token. */
import type { ScoreRequest } from '../../../../audit/language-model.js';
import type { WaveHooks } from '../computing.js';
import { nothingBefore } from '../wave-errors.js';
import type { NativeContext } from './native-context.js';
import { computeShared } from './shared-prefix.js';

/** Where a token of a continuation is predicted. */
export interface PredictingRow {
  readonly request: ScoreRequest;
  /** The token that follows. */
  readonly token: number;
  /** By which each context knows its row, until it computes again. */
  readonly index: number;
}

interface Text {
  readonly request: ScoreRequest;
  readonly sequence: number;
  /** All tokens that are computed: the last one's own successor is not asked for. */
  readonly inputs: readonly number[];
  done: number;
}

/**
 * All texts advance together, by as many tokens each, and all contexts compute the same batches.
 * @param contexts different ones
 * @param onRow once for each token of each continuation, a text's in order
 * @param onText when a text's last row was handed out
 * @throws AuditError `cannotScore` for a text without a token before its continuation; `contextTooShort`; `cancelled`
 */
export async function passOver(
  contexts: readonly NativeContext[],
  wave: readonly ScoreRequest[],
  onRow: (row: PredictingRow) => void,
  onText: (request: ScoreRequest) => void,
  hooks: WaveHooks,
): Promise<void> {
  hooks.beforeStep();
  const asked = wave.filter(({ continuation }) => continuation.length > 0);
  for (const request of wave) if (request.continuation.length === 0) onText(request);
  for (const { id, prompt } of asked) if (prompt.length === 0) throw nothingBefore(id);
  for (const context of contexts) context.begin(asked.map(({ prompt, continuation }) => prompt.length + continuation.length));
  let shared = 0;
  for (const context of contexts) shared = await computeShared(context, asked.map(({ prompt }) => prompt), hooks);
  let active = asked.map((request, sequence): Text => ({ request, sequence, inputs: [...request.prompt, ...request.continuation.slice(0, -1)], done: shared }));
  const limit = Math.min(...contexts.flatMap(({ batch, maxRows }) => [batch.capacity, maxRows]));
  while (active.length > 0) {
    hooks.beforeStep();
    // Texts of unequal length would be computed apart, so that none goes further than the one that ends first.
    const shortest = Math.min(...active.map(({ inputs, done }) => inputs.length - done));
    const step = Math.max(1, Math.min(shortest, Math.floor(limit / active.length)));
    let rows: PredictingRow[] = [];
    for (const context of contexts) {
      rows = fill(context, active, step);
      await context.decode();
      hooks.onTokens(context.batch.size);
    }
    rows.forEach(onRow);
    for (const text of active) {
      text.done += step;
      if (text.done === text.inputs.length) onText(text.request);
    }
    active = active.filter(({ inputs, done }) => done < inputs.length);
  }
}

/** The same indices in every context. */
function fill({ batch }: NativeContext, active: readonly Text[], step: number): PredictingRow[] {
  const rows: PredictingRow[] = [];
  batch.clear();
  for (const { request, inputs, sequence, done } of active) {
    for (let i = done; i < done + step; i++) {
      const place = i - (request.prompt.length - 1);
      const index = batch.add(inputs[i]!, i, sequence, place >= 0);
      if (place >= 0) rows.push({ request, token: request.continuation[place]!, index });
    }
  }
  return rows;
}
