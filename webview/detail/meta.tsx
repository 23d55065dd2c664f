import { useState } from 'preact/hooks';
import { SCORE_DEFINITIONS, explainScore } from '../../src/audit/scores.js';
import { describeCoverage } from '../../src/audit/coverage.js';
import type { CompletionDetail, CompletionSummary } from '../../src/messages/page.js';
import { FRAMING_SENTENCES } from '../state/names.js';
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
  const among = isBlind ? state.list.value.length : state.ranks.value.rankedIn(completion.framing).length;
  const floor = state.noiseFloors.value.get(completion.framing);
  const value = completion.scores[score];
  const ends = detail && (detail.end ? 'ended by itself' : 'cut at the length limit');
  return (
    <header class="meta">
      <div class="meta-title">
        <h2>
          <span title={isBlind ? undefined : `Rank within the ${completion.framing} framing. ${FRAMING_SENTENCES[completion.framing]}.`}>
            {state.nameOf.value(completion.id)}
          </span>
          <span class="dim"> of {formatCount(among)}</span>
        </h2>
        {isBlind ? (
          <span class={`framing ${completion.framing}`} title={FRAMING_SENTENCES[completion.framing]}>
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
              <Icon name={cited ? 'pinned' : 'pin'} /> <span class="action-text">Cite</span>
            </button>
          )}
          {!isBlind && !imported && (
            <button
              class="icon-button"
              disabled={!detail?.peak}
              title={`Show the peak: the ${sameTokenizer ? '8 tokens' : 'segments of at least 8 tokens'} with the highest mean gap`}
              onClick={() => commands.tokens?.goToPeak()}
            >
              <Icon name="target" /> <span class="action-text">Peak</span>
            </button>
          )}
          {!isBlind && isMain && (
            <button
              class="icon-button"
              title={withKey('Open as a document, in which findings are comments', 'openInEditor')}
              onClick={() => commands.openInEditor()}
            >
              <Icon name="go-to-file" /> <span class="action-text">Editor</span>
            </button>
          )}
          <button class="icon-button" title={withKey('Copy prefill and completion', 'copy')} onClick={() => commands.copyText()}>
            <Icon name="copy" /> <span class="action-text">Copy</span>
          </button>
        </span>
      </div>
      {!isBlind && <Figures completion={completion} />}
    </header>
  );
}

/** On one line, what the list is ranked by first; the line that has no room for all of them unfolds. */
function Figures({ completion }: { completion: CompletionSummary }) {
  const { state } = usePage();
  const [open, setOpen] = useState(false);
  const imported = completion.hasTokens === false;
  const current = state.score.value;
  const sameTokenizer = state.sameTokenizer.value;
  const ownTokens = sameTokenizer ? '' : ', over its own tokens: compare with care';
  const perplexities = [
    { name: 'PPL of F', value: completion.perplexityFinetuned, title: `Perplexity under the finetuned model${ownTokens}` },
    { name: 'PPL of R', value: completion.perplexityReference, title: `Perplexity under the reference model${ownTokens}` },
  ].filter(({ value }) => !imported || value !== null);
  const scores = state.scoreNames.value
    .filter((name) => !imported || completion.scores[name] !== null)
    .map((name) => ({
      name: SCORE_DEFINITIONS[name].name,
      text: formatScore(name, completion.scores[name]),
      title: explainScore(name, sameTokenizer, imported),
      isCurrent: name === current,
    }));
  const figures = [
    ...scores.filter(({ isCurrent }) => isCurrent),
    ...perplexities.map(({ name, value, title }) => ({ name, text: formatPerplexity(value), title, isCurrent: false })),
    ...scores.filter(({ isCurrent }) => !isCurrent),
  ];
  return (
    <div class="figures-row">
      <dl class={`figures ${open ? 'open' : ''}`}>
        {figures.map(({ name, text, title, isCurrent }) => (
          <div key={name} class={isCurrent ? 'current' : ''} title={title}>
            <dt>{name}</dt> <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <button
        class="icon-button"
        aria-expanded={open}
        title={open ? 'One line of figures' : 'All figures'}
        aria-label="All figures"
        onClick={() => setOpen(!open)}
      >
        <Icon name={open ? 'chevron-up' : 'chevron-down'} />
      </button>
    </div>
  );
}
