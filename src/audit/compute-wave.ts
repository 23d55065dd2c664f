/** Computes one wave: F continues its prefills together, then R scores what came of them. */
import type { CompletionRecord, Prefill, ReferenceScoring } from './completion.js';
import { AuditError, throwIfCancelled } from './errors.js';
import type { AuditSetup } from './events.js';
import type { Job } from './jobs.js';
import type { Frame, GeneratedCompletion, LanguageModel, ScoreRequest, WaveOptions } from './language-model.js';
import { roundLogprob } from './logprob.js';
import type { AuditPlan } from './plan.js';
import { deriveSeed } from './random.js';
import { cutAtCompletion, textForReference, type ReferenceTokens } from './reference-text.js';

/** What computing needs of a plan. */
export type WavePlan = Pick<AuditPlan, 'maxTokens' | 'temperature' | 'seed' | 'finetunedLogprobs'>;

export interface WaveContext {
  readonly plan: WavePlan;
  readonly setup: AuditSetup;
  readonly finetuned: LanguageModel;
  readonly reference: LanguageModel;
  readonly signal: AbortSignal;
  /** Tokens that either model has computed since the last call. */
  readonly onTokens: (tokens: number) => void;
}

/** One completion on its way through the wave. */
interface Draft {
  readonly job: Job;
  readonly prefill: Prefill;
  readonly frameFinetuned: Frame;
  readonly frameReference: Frame;
  readonly completion: GeneratedCompletion;
}

/**
 * The wave's records in the order of its jobs, logprobs rounded to the journal's decimals. Every request is made with
 * all of the wave in the order of ids, since a request's company shows in the last digits.
 * @throws AuditError `cancelled`, and no request is made after that; `internal` where a model leaves an answer out or
 * gives a logprob that is none; whatever the models reject with.
 */
export async function computeWave(jobs: readonly Job[], context: WaveContext): Promise<CompletionRecord[]> {
  const prefills = await fetchPrefills(jobs, context);
  const generated = await generateWave(jobs, context);
  const drafts = jobs.map((job, index): Draft => {
    const frames = framesOf(context.setup, job);
    return {
      job,
      prefill: prefills[index]!,
      frameFinetuned: frames.finetuned,
      frameReference: frames.reference,
      completion: generated[index]!,
    };
  });
  const finetuned = context.plan.finetunedLogprobs === 'forward' ? await rescoreFinetuned(drafts, context) : drafts.map(generatedLogprobs);
  const reference = context.setup.sameTokenizer ? await scoreSameTokens(drafts, context) : await scoreOwnTokens(drafts, context);
  return drafts.map(({ job, prefill, completion }, index) => ({
    id: job.id,
    framing: job.framing,
    prefill,
    tokens: completion.tokens,
    logprobsFinetuned: finetuned[index]!.tokens,
    reference: reference[index]!.scoring,
    end: completion.end && {
      piece: completion.end.piece,
      logprobFinetuned: finetuned[index]!.end!,
      logprobReference: reference[index]!.end,
    },
  }));
}

function framesOf(setup: AuditSetup, job: Job): { readonly finetuned: Frame; readonly reference: Frame } {
  const frames = setup.frames[job.framing];
  if (frames === undefined) throw new AuditError('badPlan', `The audit has no frame for the ${job.framing} framing. Start it again.`);
  return frames;
}

function prefillIds(setup: AuditSetup, job: Job): readonly number[] {
  const ids = setup.prefills[job.framing]?.[job.prefill];
  if (ids === undefined) throw new AuditError('badPlan', `The audit has no prefill for completion ${job.id}. Start it again.`);
  return ids;
}

async function fetchPrefills(jobs: readonly Job[], { setup, finetuned, signal }: WaveContext): Promise<Prefill[]> {
  throwIfCancelled(signal);
  const ids = jobs.map((job) => prefillIds(setup, job));
  const pieces = await finetuned.pieces(ids.flat(), signal);
  let offset = 0;
  return ids.map(({ length }) => ({ pieces: pieces.slice(offset, (offset += length)) }));
}

async function generateWave(jobs: readonly Job[], context: WaveContext): Promise<GeneratedCompletion[]> {
  const { plan, setup, finetuned, signal } = context;
  throwIfCancelled(signal);
  const rescored = plan.finetunedLogprobs === 'forward';
  const requests = jobs.map((job) => ({
    id: job.id,
    prompt: [...framesOf(setup, job).finetuned.tokens, ...prefillIds(setup, job)],
    maxTokens: plan.maxTokens,
    temperature: plan.temperature,
    seed: deriveSeed(plan.seed, job.id),
    stop: job.framing === 'chat' ? ('endOfTurn' as const) : ('endOfText' as const),
    ...(rescored && { logprobs: 'none' as const }),
  }));
  const answers = await collect(context, (options) => finetuned.generate(requests, options), ({ tokens, end }) => tokens.length + (end ? 1 : 0));
  return jobs.map(({ id }) => {
    const completion = answers.get(id);
    if (completion === undefined) throw missingAnswer(finetuned, id);
    if (!rescored && completion.logprobs.length !== completion.tokens.length) throw missingAnswer(finetuned, id);
    return completion;
  });
}

/** Logprobs of a completion's tokens and of its end-of-turn token. */
interface CompletionLogprobs {
  readonly tokens: readonly number[];
  readonly end: number | null;
}

function generatedLogprobs({ job, completion }: Draft): CompletionLogprobs {
  const owner = `completion ${job.id} under the finetuned model`;
  return {
    tokens: completion.logprobs.map((logprob) => roundLogprob(logprob, owner)),
    end: completion.end && roundLogprob(completion.end.logprob, owner),
  };
}

/** The completion and its end under a model of the same tokenizer: F's exact ids behind F's exact frame. */
async function scoreExactTokens(drafts: readonly Draft[], model: LanguageModel, role: string, context: WaveContext): Promise<CompletionLogprobs[]> {
  const requests = drafts.map(({ job, prefill, frameFinetuned, completion }) => ({
    id: job.id,
    prompt: [...frameFinetuned.tokens, ...prefill.pieces.map((piece) => piece.id)],
    continuation: [...completion.tokens, ...(completion.end ? [completion.end.piece] : [])].map((piece) => piece.id),
  }));
  const answers = await scoreWave(requests, model, role, context);
  return drafts.map(({ job, completion }) => {
    const logprobs = answers.get(job.id) ?? [];
    const { length } = completion.tokens;
    return { tokens: logprobs.slice(0, length), end: logprobs[length] ?? null };
  });
}

async function rescoreFinetuned(drafts: readonly Draft[], context: WaveContext): Promise<CompletionLogprobs[]> {
  return scoreExactTokens(drafts, context.finetuned, 'finetuned', context);
}

interface ScoredByReference {
  readonly scoring: ReferenceScoring | null;
  readonly end: number | null;
}

async function scoreSameTokens(drafts: readonly Draft[], context: WaveContext): Promise<ScoredByReference[]> {
  const scored = await scoreExactTokens(drafts, context.reference, 'reference', context);
  return scored.map(({ tokens, end }) => ({
    scoring: tokens.length === 0 ? null : { kind: 'sameTokens', logprobs: tokens },
    end,
  }));
}

async function scoreOwnTokens(drafts: readonly Draft[], context: WaveContext): Promise<ScoredByReference[]> {
  const cuts = await cutForReference(drafts, context);
  const requests: ScoreRequest[] = [];
  for (const [index, { job }] of drafts.entries()) {
    const cut = cuts[index];
    if (cut) requests.push({ id: job.id, prompt: cut.prompt, continuation: cut.tokens.slice(cut.unconditioned).map((piece) => piece.id) });
  }
  const answers = await scoreWave(requests, context.reference, 'reference', context);
  return drafts.map(({ job }, index) => {
    const cut = cuts[index];
    if (!cut) return { scoring: null, end: null };
    const { tokens, straddleBytes, bytes, unconditioned } = cut;
    // A token that nothing stands before is given to R, not predicted by it.
    const logprobs = [...Array<number>(unconditioned).fill(0), ...(answers.get(job.id) ?? [])];
    return { scoring: { kind: 'ownTokens', tokens, logprobs, straddleBytes, bytes }, end: null };
  });
}

interface CutForReference extends ReferenceTokens {
  readonly prompt: readonly number[];
  /** 1 where R's first token has nothing at all before it, not even a BOS; it straddles the prefill's end and is in no sum. */
  readonly unconditioned: 0 | 1;
}

async function cutForReference(drafts: readonly Draft[], { reference, signal }: WaveContext): Promise<(CutForReference | null)[]> {
  throwIfCancelled(signal);
  const texts = drafts.map(({ prefill, completion }) => textForReference(prefill.pieces, completion.tokens));
  const given = texts.filter((text) => text !== null);
  const tokenised = given.length === 0 ? [] : await reference.tokenize(given.map(({ text }) => text), signal);
  let next = 0;
  return texts.map((text, index): CutForReference | null => {
    if (text === null) return null;
    const cut = cutAtCompletion(text, tokenised[next++]!);
    if (cut === null) return null;
    const before = [...drafts[index]!.frameReference.tokens, ...cut.prefillTokens];
    const fitting = fitContext(cut, before.length, reference.identity.contextLength);
    const unconditioned = before.length === 0 ? 1 : 0;
    if (unconditioned && cut.straddleBytes === 0) return null;
    return fitting && { ...fitting, prompt: unconditioned ? [fitting.tokens[0]!.id] : before, unconditioned };
  });
}

/** R may need more tokens for the text than F did; it is given as many as fit behind the prompt, and `bytes` says so. */
function fitContext(cut: ReferenceTokens, promptTokens: number, contextLength: number): ReferenceTokens | null {
  const room = contextLength - promptTokens;
  if (cut.tokens.length <= room) return cut;
  const tokens = cut.tokens.slice(0, Math.max(0, room));
  const bytes = tokens.reduce((total, piece) => total + piece.bytes.length, -cut.straddleBytes);
  return bytes > 0 ? { ...cut, tokens, bytes } : null;
}

/** Rounded logprobs by id. Texts without a token to score are not asked for. */
async function scoreWave(
  requests: readonly ScoreRequest[],
  model: LanguageModel,
  role: string,
  context: WaveContext,
): Promise<Map<number, readonly number[]>> {
  throwIfCancelled(context.signal);
  const asked = requests.filter(({ continuation }) => continuation.length > 0);
  const scored = new Map<number, readonly number[]>();
  if (asked.length === 0) return scored;
  const answers = await collect(context, (options) => model.score(asked, options), ({ logprobs }) => logprobs.length);
  for (const { id, continuation } of asked) {
    const logprobs = answers.get(id)?.logprobs;
    if (logprobs?.length !== continuation.length) throw missingAnswer(model, id);
    scored.set(
      id,
      logprobs.map((logprob) => roundLogprob(logprob, `completion ${id} under the ${role} model`)),
    );
  }
  return scored;
}

/** Answers by id. A model that does not report its tokens as it goes has them counted by its answers. */
async function collect<T extends { readonly id: number }>(
  { signal, onTokens }: WaveContext,
  ask: (options: WaveOptions) => AsyncIterable<T>,
  tokensOf: (answer: T) => number,
): Promise<Map<number, T>> {
  const answers = new Map<number, T>();
  let reported = false;
  const options: WaveOptions = {
    signal,
    onTokens: (tokens) => {
      reported = true;
      onTokens(tokens);
    },
  };
  for await (const answer of ask(options)) {
    answers.set(answer.id, answer);
    if (!reported) onTokens(tokensOf(answer));
  }
  throwIfCancelled(signal);
  return answers;
}

function missingAnswer(model: LanguageModel, id: number): AuditError {
  return new AuditError(
    'internal',
    `${model.identity.name} gave no complete answer for completion ${id}. Resume the audit to compute its wave again.`,
  );
}
