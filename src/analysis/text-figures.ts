/** The figures of a text that was scored in several stretches, each analysed like a completion. */
import type { CompletionAnalysis } from '../audit/analysis.js';
import { perplexity } from '../audit/perplexity.js';

export interface TextFigures {
  /** exp(−mean logprob) over all of the model's own tokens; `null` where none was scored. */
  readonly perplexityFinetuned: number | null;
  readonly perplexityReference: number | null;
  /** ln PPL_R − ln PPL_F, in nats per token. */
  readonly meanGap: number | null;
  /** Tokens of F that were scored. */
  readonly tokens: number;
}

/** As for one completion (DESIGN part 2, fine print): segments that straddle a stretch's beginning are in no sum. */
export function summariseText(stretches: readonly Pick<CompletionAnalysis, 'tokens' | 'segments'>[]): TextFigures {
  let finetuned = 0;
  let reference = 0;
  let tokensFinetuned = 0;
  let tokensReference = 0;
  for (const { tokens, segments } of stretches) {
    for (const segment of segments ?? []) {
      if (segment.straddlesPrefill) continue;
      finetuned += segment.logprobFinetuned;
      reference += segment.logprobReference;
      tokensFinetuned += segment.tokensFinetuned[1] - segment.tokensFinetuned[0];
      tokensReference += segment.tokensReference[1] - segment.tokensReference[0];
    }
    for (const { logprobFinetuned, logprobReference } of tokens) {
      if (logprobReference === null) continue;
      finetuned += logprobFinetuned;
      reference += logprobReference;
      tokensFinetuned++;
      tokensReference++;
    }
  }
  if (tokensFinetuned === 0 || tokensReference === 0) return { perplexityFinetuned: null, perplexityReference: null, meanGap: null, tokens: 0 };
  return {
    perplexityFinetuned: perplexity(finetuned, tokensFinetuned),
    perplexityReference: perplexity(reference, tokensReference),
    meanGap: finetuned / tokensFinetuned - reference / tokensReference,
    tokens: tokensFinetuned,
  };
}
