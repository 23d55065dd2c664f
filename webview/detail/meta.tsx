import { SCORE_DEFINITIONS, explainScore } from '../../src/audit/scores.js';
import { describeCoverage } from '../../src/audit/coverage.js';
import type { CompletionDetail, CompletionSummary } from '../../src/messages/page.js';
import { FRAMING_TEXTS } from '../state/names.js';
import { formatPerplexity, formatScore } from '../text/numbers.js';
import { countOf, formatCount, formatFixed } from '../../src/text/numbers.js';
import { usePage } from '../widgets/context.js';
import { ShownPassFlag } from '../widgets/pass-flag.js';
import { Icon } from '../widgets/icon.js';
import { withKey } from '../page-keys.js';

interface MetaProps {
  readonly completion: CompletionSummary;
  readonly detail: CompletionDetail | null;
}

/** The completion in figures. */
export function Meta({ completion, detail }: MetaProps) {
  const { state, commands } = usePage();
  const isBlind = state.blind.value !== null;
  const imported = completion.hasTokens === false;
  const isMain = state.isMainPass.value;
  const cited = isMain && state.conclusion.isCited(completion.id);
  const score = state.score.value;
  const sameTokenizer = state.sameTokenizer.value;
  const ownTokens = sameTokenizer ? '' : ', over its own tokens: compare with care';
  const among = isBlind ? state.list.value.length : state.ranks.value.rankedIn(completion.framing).length;
  const floor = state.noiseFloors.value.get(completion.framing);
  const value = completion.scores[score];
  const ends = detail && (detail.end ? 'ended by itself' : 'cut at the length limit');
  return (
    <header class="meta">
      <div class="meta-title">
        <h2>
          <span title={isBlind ? undefined : `Rank within the ${completion.framing} framing. ${FRAMING_TEXTS[completion.framing]}.`}>
            {state.nameOf.value(completion.id)}
          </span>
          <span class="dim"> of {formatCount(among)}</span>
        </h2>
        {isBlind ? (
          <span class={`framing ${completion.framing}`} title={FRAMING_TEXTS[completion.framing]}>
            {completion.framing}
          </span>
        ) : (
          <span
            class="completion-id dim"
            title={`Its number in the audit’s journal, the same whatever it is ranked by. [#${completion.id}] in the conclusion cites it.`}
          >
            #{completion.id}
          </span>
        )}
        <span class="dim">
          {!imported && `${countOf(completion.tokenCount, 'token')}, `}
          {countOf(completion.byteCount, 'byte')}
          {ends && !imported && `, ${ends}`}
        </span>
        <ShownPassFlag />
        {completion.repetitive && !isBlind && (
          <span
            class="flag"
            title={
              detail
                ? `Distinct 4-grams ${formatFixed(detail.distinct4grams * 100, 0)} %, deflates to ${formatFixed(detail.deflateRatio * 100, 0)} %`
                : undefined
            }
          >
            repetitive
          </span>
        )}
        {completion.coverage && !isBlind && (
          <span
            class="flag"
            title="The scores are of that part alone: control tokens, bytes that are of no character and characters that R has no token for are not scored."
          >
            {describeCoverage(completion.coverage)}
          </span>
        )}
        {!isBlind && floor && value !== null && value <= floor.p99 && (
          <span
            class="flag noise"
            title={`${SCORE_DEFINITIONS[score].name} is not above ${formatScore(score, floor.p99)}, which 99 % of the noise floor’s ${countOf(floor.count, 'completion')} in this framing do not exceed: any two models may differ as much.`}
          >
            within the noise floor
          </span>
        )}
        <span class="meta-actions">
          {!isBlind && isMain && (
            <button
              class={`icon-button ${cited ? 'on' : ''}`}
              aria-pressed={cited}
              title={withKey(`#${completion.id}: ${cited ? 'cited in the conclusion; again takes it back' : 'cite this one in the conclusion'}`, 'cite')}
              onClick={() => commands.findings.cite()}
            >
              <Icon name={cited ? 'pinned' : 'pin'} /> Cite
            </button>
          )}
          {!isBlind && !imported && (
            <button
              class="icon-button"
              disabled={!detail?.peak}
              title={`Show the peak: the ${sameTokenizer ? '8 tokens' : 'segments of at least 8 tokens'} with the highest mean gap`}
              onClick={() => commands.tokens?.goToPeak()}
            >
              <Icon name="target" /> Peak
            </button>
          )}
          {!isBlind && isMain && (
            <button
              class="icon-button"
              title={withKey('Open as a document, in which findings are comments', 'openInEditor')}
              onClick={() => commands.openInEditor()}
            >
              <Icon name="go-to-file" /> Editor
            </button>
          )}
          <button class="icon-button" title={withKey('Copy prefill and completion', 'copy')} onClick={() => commands.copyText()}>
            <Icon name="copy" /> Copy
          </button>
        </span>
      </div>
      {!isBlind && (
        <dl class="figures">
          {state.scoreNames.value
            .filter((name) => !imported || completion.scores[name] !== null)
            .map((name) => (
              <div key={name} class={name === score ? 'current' : ''} title={explainScore(name, sameTokenizer, imported)}>
                <dt>{SCORE_DEFINITIONS[name].name}</dt>
                <dd>{formatScore(name, completion.scores[name])}</dd>
              </div>
            ))}
          {(!imported || completion.perplexityFinetuned !== null) && (
            <div class="first-perplexity" title={`Perplexity under the finetuned model${ownTokens}`}>
              <dt>PPL of F</dt>
              <dd>{formatPerplexity(completion.perplexityFinetuned)}</dd>
            </div>
          )}
          {(!imported || completion.perplexityReference !== null) && (
            <div title={`Perplexity under the reference model${ownTokens}`}>
              <dt>PPL of R</dt>
              <dd>{formatPerplexity(completion.perplexityReference)}</dd>
            </div>
          )}
        </dl>
      )}
    </header>
  );
}
