/** Continues the prompts of a wave, all sequences in step. One forward pass gives the choice and its logprob. */
import { boundLogprob } from '../../../../audit/logprob.js';
import type { GeneratedCompletion, GenerateRequest } from '../../../../audit/language-model.js';
import { Random } from '../../../../audit/random.js';
import type { WaveHooks } from '../computing.js';
import { CANDIDATES, chooseAmplified, keepLikely, type AwayFrom } from '../choose-amplified.js';
import { emptyPrompt, noValidProbabilities } from '../wave-errors.js';
import type { NativeContext } from './native-context.js';
import { computeShared } from './shared-prefix.js';

interface Growing {
  readonly request: GenerateRequest;
  readonly sequence: number;
  readonly random: Random;
  readonly tokens: number[];
  readonly logprobs: number[];
  /** What goes in next, and where. */
  next: number;
  position: number;
  end: { readonly id: number; readonly logprob: number } | null;
}

/** As {@link ComputingContext.generate} says. */
export async function generateWave(
  context: NativeContext,
  wave: readonly GenerateRequest[],
  onResult: (completion: GeneratedCompletion) => void,
  hooks: WaveHooks,
  away?: AwayFrom<NativeContext>,
): Promise<void> {
  // A model away from itself is itself.
  const other = away?.other === context ? undefined : away?.other;
  const contexts = other ? [context, other] : [context];
  hooks.beforeStep();
  for (const { id, prompt } of wave) if (prompt.length === 0) throw emptyPrompt(id);
  for (const one of contexts) one.begin(wave.map(({ prompt, maxTokens }) => prompt.length + maxTokens));
  const texts = wave.map((request, sequence): Growing => ({
    request,
    sequence,
    random: new Random(request.seed),
    tokens: [],
    logprobs: [],
    next: request.prompt.at(-1)!,
    position: request.prompt.length - 1,
    end: null,
  }));
  const isOpen = ({ request, tokens, end }: Growing): boolean => end === null && tokens.length < request.maxTokens;
  for (const text of texts) if (!isOpen(text)) onResult(toCompletion(context, text));
  let open = texts.filter(isOpen);
  if (open.length === 0) return;
  for (const one of contexts)
    await computePrompts(
      one,
      wave.map(({ prompt }) => prompt),
      hooks,
    );
  while (open.length > 0) {
    hooks.beforeStep();
    let indices: number[] = [];
    for (const one of contexts) {
      one.batch.clear();
      // The same indices in every context.
      indices = open.map(({ next, position, sequence }) => one.batch.add(next, position, sequence, true));
      await one.decode();
      hooks.onTokens(open.length);
    }
    open.forEach((text, i) => {
      if (other) chooseAway(context, { other, strength: away!.strength }, text, indices[i]!);
      else choose(context, text, indices[i]!);
      if (!isOpen(text)) onResult(toCompletion(context, text));
    });
    open = open.filter(isOpen);
  }
}

/** All of each prompt but its last token, as many tokens of each at a time as of the others: unequal ones are computed apart. */
async function computePrompts(context: NativeContext, prompts: readonly (readonly number[])[], hooks: WaveHooks): Promise<void> {
  const { batch } = context;
  const shared = await computeShared(context, prompts, hooks);
  const texts = prompts.map((prompt, sequence) => ({ prompt, sequence, done: shared[sequence]! }));
  let active = texts.filter(({ prompt, done }) => done < prompt.length - 1);
  while (active.length > 0) {
    hooks.beforeStep();
    const shortest = Math.min(...active.map(({ prompt, done }) => prompt.length - 1 - done));
    const step = Math.max(1, Math.min(shortest, Math.floor(batch.capacity / active.length)));
    batch.clear();
    for (const text of active) {
      for (let i = 0; i < step; i++) batch.add(text.prompt[text.done + i]!, text.done + i, text.sequence, false);
      text.done += step;
    }
    await context.decode();
    hooks.onTokens(batch.size);
    active = active.filter(({ prompt, done }) => done < prompt.length - 1);
  }
}

function choose(context: NativeContext, text: Growing, index: number): void {
  const { request } = text;
  const summary = context.readRow(index, 0, 'cannotGenerate');
  const token = request.temperature > 0 ? context.rowMath.draw(0, summary, request.temperature, text.random.nextUint32() / 2 ** 32) : summary.best;
  take(context, text, token, context.rowMath.row(0)[token]! - summary.logSum);
}

/** As {@link LanguageModel.generateAway} says. */
function chooseAway(context: NativeContext, { other, strength }: AwayFrom<NativeContext>, text: Growing, index: number): void {
  const { rowMath } = context;
  const own = context.readRow(index, 0, 'cannotGenerate');
  const others = other.readRow(index, 1, 'cannotGenerate', rowMath);
  const candidates = keepLikely(rowMath.top(0, CANDIDATES).map(({ id, logit }) => ({ id, logprob: logit - own.logSum })));
  const chosen = chooseAmplified(candidates, (id) => boundLogprob(rowMath.row(1)[id]! - others.logSum) ?? NaN, strength);
  if (chosen === undefined) throw noValidProbabilities('cannotGenerate');
  take(context, text, chosen.id, chosen.logprob);
}

function take(context: NativeContext, text: Growing, token: number, unbounded: number): void {
  const { request } = text;
  const logprob = boundLogprob(unbounded);
  if (logprob === null) throw noValidProbabilities('cannotGenerate');
  if (context.vocabulary.ends(token, request.stop ?? 'endOfTurn')) {
    text.end = { id: token, logprob };
    return;
  }
  text.tokens.push(token);
  text.logprobs.push(logprob);
  text.next = token;
  text.position++;
}

function toCompletion({ vocabulary }: NativeContext, { request, tokens, logprobs, end }: Growing): GeneratedCompletion {
  const known = request.logprobs !== 'none';
  return {
    id: request.id,
    tokens: tokens.map((id) => vocabulary.piece(id)),
    logprobs: known ? logprobs : [],
    end: end === null ? null : { piece: vocabulary.piece(end.id), logprob: known ? end.logprob : Number.NaN },
  };
}
