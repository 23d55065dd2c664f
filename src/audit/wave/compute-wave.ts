/** Computes one wave: F continues its prefills together, then R scores what came of them. */
import type { CompletionRecord, ReferenceScoring } from '../completion.js';
import type { Job } from '../jobs.js';
import { roundLogprob } from '../logprob.js';
import { draftWave } from './draft-wave.js';
import { scoreExactTokens } from './score-exact-tokens.js';
import { scoreOwnTokens } from './score-own-tokens.js';
import type { CompletionLogprobs, Draft, WaveContext } from './wave-context.js';

/**
 * The wave's records in the order of its jobs, logprobs rounded to the journal's decimals; completions that a model set
 * aside are not among them, nor those that are done where the reference is behind a server. Every request is made with all of the wave in the order of ids, since a request's company
 * shows in the last digits.
 * @throws AuditError `cancelled`, and no request is made after that; `internal` where a model leaves an answer out or
 * gives a logprob that is none; whatever the models reject with.
 */
export async function computeWave(jobs: readonly Job[], context: WaveContext): Promise<CompletionRecord[]> {
  const drafts = await draftWave(jobs, context);
  const finetuned =
    context.plan.finetunedLogprobs === 'forward'
      ? await scoreExactTokens(drafts, context.finetuned, 'finetuned', context)
      : new Map(drafts.map(generatedLogprobs));
  const rescored = drafts.filter(({ job }) => finetuned.has(job.id) && !(context.reference.capabilities.independent && context.done?.has(job.id) === true));
  const reference = await scoreByReference(rescored, context);
  return rescored.flatMap(({ job, prefill, completion }) => {
    const byFinetuned = finetuned.get(job.id)!;
    const byReference = reference.get(job.id);
    if (!byReference) return [];
    return {
      id: job.id,
      framing: job.framing,
      prefill,
      tokens: completion.tokens,
      logprobsFinetuned: byFinetuned.tokens,
      reference: byReference.scoring,
      end: completion.end && {
        piece: completion.end.piece,
        logprobFinetuned: byFinetuned.end!,
        logprobReference: byReference.end,
      },
    };
  });
}

function generatedLogprobs({ job, completion }: Draft): [number, CompletionLogprobs] {
  const owner = `completion ${job.id} under the finetuned model`;
  return [
    job.id,
    {
      tokens: completion.logprobs.map((logprob) => roundLogprob(logprob, owner)),
      end: completion.end && roundLogprob(completion.end.logprob, owner),
    },
  ];
}

interface ScoredByReference {
  readonly scoring: ReferenceScoring | null;
  readonly end: number | null;
}

async function scoreByReference(drafts: readonly Draft[], context: WaveContext): Promise<Map<number, ScoredByReference>> {
  if (!context.setup.sameTokenizer) {
    return mapValues(await scoreOwnTokens(drafts, context), (own) => ({ scoring: own && { kind: 'ownTokens', ...own }, end: null }));
  }
  return mapValues(await scoreExactTokens(drafts, context.reference, 'reference', context), ({ tokens, end }) => ({
    scoring: tokens.length === 0 ? null : { kind: 'sameTokens', logprobs: tokens },
    end,
  }));
}

function mapValues<A, B>(map: ReadonlyMap<number, A>, change: (value: A) => B): Map<number, B> {
  return new Map([...map].map(([key, value]) => [key, change(value)]));
}
