/** Continues the prompts of a wave, all sequences in step. */
import type { LlamaContextSequence, Token } from 'node-llama-cpp';
import type { GeneratedCompletion, GenerateRequest, GivenTokens } from '../../../../audit/language-model.js';
import { noteSamplers } from './sampler-memory.js';
import type { WaveHooks } from '../computing.js';
import type { Vocabulary } from '../vocabulary.js';
import { emptyPrompt, noValidProbabilities } from '../wave-errors.js';
import { CANDIDATES, chooseAmplified, keepLikely, type AwayFrom } from '../choose-amplified.js';
import { logprobOf, logprobsOfWave } from './logprobs-of.js';
import type { NodeLlamaContext } from './node-llama-context.js';

interface Choice {
  readonly token: number;
  /** Nats; `null` where choosing does not tell. */
  readonly logprob: number | null;
}

/** One sequence's source of tokens. */
interface Chooser {
  next(): Promise<Choice>;
  end(): Promise<void>;
}

interface Growing {
  readonly request: GenerateRequest;
  readonly chooser: Chooser;
  readonly tokens: number[];
  readonly logprobs: (number | null)[];
  /** The token that ended it; its logprob is the last of `logprobs`. */
  end: number | null;
}

/**
 * Hands out each request's completion when it is complete. A greedy choice tells its logprob on the way. A sampled one
 * does not (its values are those after the temperature), so that one forward pass over the finished texts follows.
 * @throws AuditError `cannotGenerate` for an empty prompt; `contextTooShort`; `cancelled`.
 */
export async function generateWave(
  context: NodeLlamaContext,
  vocabulary: Vocabulary,
  wave: readonly GenerateRequest[],
  onResult: (completion: GeneratedCompletion) => void,
  hooks: WaveHooks,
  away?: AwayFrom<NodeLlamaContext>,
): Promise<void> {
  const unscored: Growing[] = [];
  await growWave(context, away, vocabulary, wave, hooks, (text) => {
    if (text.request.logprobs !== 'none' && text.logprobs.includes(null)) unscored.push(text);
    else onResult(toCompletion(vocabulary, text, text.logprobs as number[]));
  });
  if (unscored.length === 0) return;
  // In the order of the wave, whichever ended first: the company of a text is part of its last digits.
  const inOrder = wave.flatMap(({ id }) => unscored.filter(({ request }) => request.id === id));
  await logprobsOfWave(
    context,
    vocabulary,
    inOrder.map(toGivenTokens),
    ({ id, logprobs }) =>
      onResult(
        toCompletion(
          vocabulary,
          inOrder.find(({ request }) => request.id === id)!,
          logprobs,
        ),
      ),
    hooks,
  );
}

async function growWave(
  context: NodeLlamaContext,
  away: AwayFrom<NodeLlamaContext> | undefined,
  vocabulary: Vocabulary,
  wave: readonly GenerateRequest[],
  { beforeStep, onTokens }: WaveHooks,
  onGrown: (text: Growing) => void,
): Promise<void> {
  beforeStep();
  const lengths = wave.map(({ prompt, maxTokens }) => prompt.length + maxTokens);
  const sequences = await context.begin(lengths);
  // A model away from itself is itself.
  const others = away && away.other !== context ? await away.other.begin(lengths) : null;
  const chooserOf = (request: GenerateRequest, k: number): Chooser =>
    others ? chooseAway(sequences[k]!, { other: others[k]!, strength: away!.strength }, request, vocabulary) : chooserFor(sequences[k]!, request, vocabulary);
  const texts = wave.map((request, k): Growing => ({ request, chooser: chooserOf(request, k), tokens: [], logprobs: [], end: null }));
  const isOpen = ({ request, tokens, end }: Growing): boolean => end === null && tokens.length < request.maxTokens;
  texts.filter((text) => !isOpen(text)).forEach(onGrown);
  let open = texts.filter(isOpen);
  try {
    while (open.length > 0) {
      beforeStep();
      const choices = await Promise.all(open.map(({ chooser }) => chooser.next()));
      onTokens(open.length);
      open.forEach((text, i) => {
        const { token, logprob } = choices[i]!;
        text.logprobs.push(logprob);
        if (vocabulary.ends(token, text.request.stop ?? 'endOfTurn')) text.end = token;
        else text.tokens.push(token);
        if (!isOpen(text)) onGrown(text);
      });
      open = open.filter(isOpen);
    }
  } finally {
    await Promise.all(texts.map(({ chooser }) => chooser.end()));
  }
}

function chooserFor(sequence: LlamaContextSequence, request: GenerateRequest, vocabulary: Vocabulary): Chooser {
  if (request.prompt.length === 0) {
    throw emptyPrompt(request.id);
  }
  return request.temperature > 0 || request.logprobs === 'none'
    ? chooseWithoutLogprobs(sequence, request, vocabulary)
    : chooseGreedily(sequence, request, vocabulary);
}

/** The most likely token, whose logprob is −ln Σ exp(logit − its logit). */
function chooseGreedily(sequence: LlamaContextSequence, request: GenerateRequest, vocabulary: Vocabulary): Chooser {
  let input = request.prompt as Token[];
  return {
    async next() {
      const last: Token = input.at(-1)!;
      const outputs = await sequence.controlledEvaluate([
        ...input.slice(0, -1),
        [last, { generateNext: { token: true, totalLogitWeight: true, options: { temperature: 0 } } }],
      ]);
      noteSamplers(1, vocabulary.size);
      const { token, totalLogitWeight } = outputs.at(-1)?.next ?? {};
      if (token === undefined || token === null || totalLogitWeight === undefined || !Number.isFinite(totalLogitWeight))
        throw noValidProbabilities('cannotGenerate');
      input = [token];
      return { token, logprob: 0 - Math.log(totalLogitWeight) };
    },
    end: async () => undefined,
  };
}

/** As {@link LanguageModel.generateAway} says: two evaluations a token, one after the other, and a sorted vocabulary. Slow. */
function chooseAway(
  sequence: LlamaContextSequence,
  { other, strength }: AwayFrom<LlamaContextSequence>,
  request: GenerateRequest,
  vocabulary: Vocabulary,
): Chooser {
  if (request.prompt.length === 0) throw emptyPrompt(request.id);
  let input = request.prompt as Token[];
  const evaluate = async (of: LlamaContextSequence, filter: { tokens: Token[]; includeTop?: number; includeSelected?: boolean }) => {
    const asking = { generateNext: { token: true, totalLogitWeight: true, logits: { filter }, options: { temperature: 0 } } };
    const outputs = await of.controlledEvaluate([...input.slice(0, -1), [input.at(-1)!, asking]]);
    noteSamplers(1, vocabulary.size);
    return outputs.at(-1);
  };
  return {
    async next() {
      const own = await evaluate(sequence, { tokens: [], includeTop: CANDIDATES });
      const { totalLogitWeight = NaN } = own?.next ?? {};
      const ranked = [...(own?.next.logits ?? [])].sort(([idA, a], [idB, b]) => b - a || idA - idB);
      const logSum = (ranked[0]?.[1] ?? NaN) + Math.log(totalLogitWeight);
      const candidates = keepLikely(ranked.map(([id, logit]) => ({ id: id as number, logprob: logit - logSum })));
      const others = await evaluate(other, { tokens: candidates.map(({ id }) => id as Token), includeSelected: true });
      const chosen = chooseAmplified(candidates, (id) => logprobOf(id, others), strength);
      if (chosen === undefined || !Number.isFinite(logSum)) throw noValidProbabilities('cannotGenerate');
      input = [chosen.id as Token];
      return { token: chosen.id, logprob: Math.min(0, chosen.logprob) };
    },
    end: async () => undefined,
  };
}

/** Sampled, or greedy for a caller that wants no logprobs: one native sampler for the whole completion. */
function chooseWithoutLogprobs(sequence: LlamaContextSequence, request: GenerateRequest, vocabulary: Vocabulary): Chooser {
  const steps = sequence.evaluate(request.prompt as Token[], {
    temperature: request.temperature,
    seed: request.seed,
    // The whole distribution, untruncated.
    topK: 0,
    topP: 1,
    minP: 0,
    yieldEogToken: true,
  });
  noteSamplers(1, vocabulary.size);
  return {
    async next() {
      const { value: token } = await steps.next();
      if (token === undefined) throw noValidProbabilities('cannotGenerate');
      return { token, logprob: null };
    },
    end: async () => void (await steps.return()),
  };
}

function toGivenTokens({ request, tokens, end }: Growing): GivenTokens {
  return { id: request.id, prompt: request.prompt, continuation: end === null ? tokens : [...tokens, end] };
}

function toCompletion(vocabulary: Vocabulary, { request, tokens, end }: Growing, logprobs: readonly number[]): GeneratedCompletion {
  const known = request.logprobs !== 'none';
  return {
    id: request.id,
    tokens: tokens.map((id) => vocabulary.piece(id)),
    logprobs: known ? logprobs.slice(0, tokens.length) : [],
    end: end === null ? null : { piece: vocabulary.piece(end), logprob: known ? logprobs[tokens.length]! : Number.NaN },
  };
}
