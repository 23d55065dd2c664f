/** Continues the prompts of a wave, all sequences in step. */
import type { LlamaContextSequence, Token } from 'node-llama-cpp';
import type { GeneratedCompletion, GenerateRequest, ScoreRequest } from '../../../../audit/language-model.js';
import { noteSamplers } from './sampler-memory.js';
import type { WaveHooks } from '../computing.js';
import type { Vocabulary } from '../vocabulary.js';
import { emptyPrompt, noValidProbabilities } from '../wave-errors.js';
import { logprobsOfWave } from './logprobs-of.js';
import type { WaveContext } from './wave-context.js';

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

interface Draft {
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
  context: WaveContext,
  vocabulary: Vocabulary,
  wave: readonly GenerateRequest[],
  onResult: (completion: GeneratedCompletion) => void,
  hooks: WaveHooks,
): Promise<void> {
  const unscored: Draft[] = [];
  await draftWave(context, vocabulary, wave, hooks, (draft) => {
    if (draft.request.logprobs !== 'none' && draft.logprobs.includes(null)) unscored.push(draft);
    else onResult(toCompletion(vocabulary, draft, draft.logprobs as number[]));
  });
  if (unscored.length === 0) return;
  // In the order of the wave, whichever ended first: the company of a text is part of its last digits.
  const inOrder = wave.flatMap(({ id }) => unscored.filter(({ request }) => request.id === id));
  await logprobsOfWave(
    context,
    vocabulary,
    inOrder.map(toScoreRequest),
    ({ id, logprobs }) => onResult(toCompletion(vocabulary, inOrder.find(({ request }) => request.id === id)!, logprobs)),
    hooks,
  );
}

async function draftWave(
  context: WaveContext,
  vocabulary: Vocabulary,
  wave: readonly GenerateRequest[],
  { beforeStep, onTokens }: WaveHooks,
  onDraft: (draft: Draft) => void,
): Promise<void> {
  beforeStep();
  const sequences = await context.begin(wave.map(({ prompt, maxTokens }) => prompt.length + maxTokens));
  const drafts = wave.map(
    (request, k): Draft => ({ request, chooser: chooserFor(sequences[k]!, request, vocabulary), tokens: [], logprobs: [], end: null }),
  );
  const isOpen = ({ request, tokens, end }: Draft): boolean => end === null && tokens.length < request.maxTokens;
  drafts.filter((draft) => !isOpen(draft)).forEach(onDraft);
  let open = drafts.filter(isOpen);
  try {
    while (open.length > 0) {
      beforeStep();
      const choices = await Promise.all(open.map(({ chooser }) => chooser.next()));
      onTokens(open.length);
      open.forEach((draft, i) => {
        const { token, logprob } = choices[i]!;
        draft.logprobs.push(logprob);
        if (vocabulary.ends(token, draft.request.stop ?? 'endOfTurn')) draft.end = token;
        else draft.tokens.push(token);
        if (!isOpen(draft)) onDraft(draft);
      });
      open = open.filter(isOpen);
    }
  } finally {
    await Promise.all(drafts.map(({ chooser }) => chooser.end()));
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
      if (token === undefined || token === null || totalLogitWeight === undefined || !Number.isFinite(totalLogitWeight)) throw noValidProbabilities('cannotGenerate');
      input = [token];
      return { token, logprob: 0 - Math.log(totalLogitWeight) };
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

function toScoreRequest({ request, tokens, end }: Draft): ScoreRequest {
  return { id: request.id, prompt: request.prompt, continuation: end === null ? tokens : [...tokens, end] };
}

function toCompletion(vocabulary: Vocabulary, { request, tokens, end }: Draft, logprobs: readonly number[]): GeneratedCompletion {
  const known = request.logprobs !== 'none';
  return {
    id: request.id,
    tokens: tokens.map((id) => vocabulary.piece(id)),
    logprobs: known ? logprobs.slice(0, tokens.length) : [],
    end: end === null ? null : { piece: vocabulary.piece(end), logprob: known ? logprobs[tokens.length]! : Number.NaN },
  };
}
