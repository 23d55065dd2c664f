import { describeCoverage } from '../../src/audit/coverage.js';
import { Component } from 'preact';
import { continuesPrefill } from '../../src/audit/framing.js';
import type { CompletionDetail, CompletionSummary } from '../../src/messages/page.js';
import type { ThemeFilter } from '../state/themes.js';
import type { Keywords } from '../../src/analysis/keywords.js';
import type { TextMatcher } from '../../src/analysis/patterns/pattern.js';
import type { ScoreName } from '../../src/audit/scores.js';
import { seamClass } from '../detail/prefill-text.js';
import { shadedGaps } from '../detail/token-reading.js';
import { FRAMING_SENTENCES } from '../state/names.js';
import { completionOffset, searchedText } from '../state/search.js';
import type { LabelState } from '../state/view-settings.js';
import { shadeLevel } from '../../src/text/gap-shade.js';
import { localMaximum, shadeClass } from '../text/gap-shade.js';
import { findRanges, marksOf, type TextMark, type TextRange } from '../text/marks.js';
import { formatScore } from '../text/numbers.js';
import { countOf, formatCount } from '../../src/text/numbers.js';
import { VisibleText } from '../text/visible-text-view.js';
import { Icon } from '../widgets/icon.js';
import { PassFlag } from '../widgets/pass-flag.js';
import type { PassMark } from '../state/passes.js';
import { LabelMark } from '../widgets/label-mark.js';
import { SNIPPET_LENGTH, snippetStart, stretchesOf, type RowShape } from './snippet.js';
import { withKey } from '../page-keys.js';

/** How rows are shaded and marked; the same object for all rows, so that a change of it is seen by identity. */
export interface RowStyle {
  readonly shape: RowShape;
  readonly score: ScoreName;
  readonly pattern: TextMatcher | null;
  readonly theme: ThemeFilter | null;
  /** Whose matches are marked. */
  readonly keywords: Keywords | null;
  /** Who wrote, where that is not the finetuned model by itself. */
  readonly passMark: PassMark | null;
  /** Read blind: the text alone, by its number. */
  readonly blind: boolean;
  /** Nats; null for each completion's own. */
  readonly scaleMaximum: number | null;
  readonly threshold: number;
}

export interface RowProps {
  readonly completion: CompletionSummary;
  readonly detail: CompletionDetail | null;
  readonly rank: number;
  readonly label: LabelState;
  readonly hasNote: boolean;
  /** Findings about spans of it. */
  readonly findings: number;
  /** In the conclusion. */
  readonly cited: boolean;
  /** Authors gave it different labels. */
  readonly disagreed: boolean;
  /** Others that say the same and that this row stands for. */
  readonly alike: number;
  readonly expanded: boolean;
  /** Under the first of its group. */
  readonly member: boolean;
  readonly selected: boolean;
  readonly index: number;
  readonly count: number;
  /** Pixels from the top of the list. */
  readonly top: number;
  readonly height: number;
  readonly style: RowStyle;
  readonly onSelect: (id: number) => void;
  readonly onToggleAlike: (id: number) => void;
}

export function rowId(id: number): string {
  return `completion-${id}`;
}

/** One completion of the list. Rows are many and come and go: it renders again only where its props changed. */
export class Row extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    return (Object.keys(next) as (keyof RowProps)[]).some((key) => next[key] !== this.props[key]);
  }

  override render({
    completion,
    detail,
    rank,
    label,
    hasNote,
    findings,
    cited,
    disagreed,
    alike,
    expanded,
    member,
    selected,
    index,
    count,
    top,
    height,
    style,
    onSelect,
    onToggleAlike,
  }: RowProps) {
    const value = formatScore(style.score, completion.scores[style.score]);
    return (
      <div
        id={rowId(completion.id)}
        class={`row ${selected ? 'selected' : ''} ${member ? 'member' : ''} ${label}`}
        role="option"
        aria-selected={selected}
        aria-posinset={index + 1}
        aria-setsize={count}
        style={{ transform: `translateY(${top}px)`, height: `${height}px` }}
        onClick={() => onSelect(completion.id)}
      >
        <div class="row-head">
          <span class="rank">
            {style.blind ? (
              <>
                <span class="visually-hidden">Number </span>
                {rank}
              </>
            ) : (
              <>
                <span class={`framing ${completion.framing}`} title={FRAMING_SENTENCES[completion.framing]}>
                  {completion.framing}
                </span>{' '}
                {rank}
              </>
            )}
          </span>
          {!style.blind && (
            <span class="value">
              <span class="visually-hidden">, score </span>
              {value}
            </span>
          )}
          {style.blind && (
            <span class={`framing ${completion.framing}`} title={FRAMING_SENTENCES[completion.framing]}>
              {completion.framing}
            </span>
          )}
          <span class="dim">{completion.hasTokens === false ? countOf(completion.byteCount, 'byte') : countOf(completion.tokenCount, 'token')}</span>
          {style.passMark && <PassFlag mark={style.passMark} />}
          {completion.repetitive && !style.blind && <span class="flag">repetitive</span>}
          {completion.coverage && !style.blind && (
            <span class="flag" title={describeCoverage(completion.coverage) ?? undefined}>
              R scored {Math.floor((100 * completion.coverage.scored) / completion.coverage.bytes)} %
            </span>
          )}
          {completion.hasTokens === false && !style.blind && (
            <span class="flag" title="Written elsewhere: its text, and what the file tells of it. There are no tokens.">
              imported
            </span>
          )}
          {alike > 0 && (
            // No button: what is in an option is not reached by Tab; the list's own keys do the same.
            <span
              class="alike"
              title={withKey(`${countOf(alike, 'other completion')} of the list ${alike === 1 ? 'says' : 'say'} the same`, 'showAlike')}
              onClick={(event) => {
                event.stopPropagation();
                onToggleAlike(completion.id);
              }}
            >
              <Icon name={expanded ? 'chevron-down' : 'chevron-right'} />+{formatCount(alike)} alike
            </span>
          )}
          <span class="row-end">
            {cited && <Icon name="pinned" label="Cited in the conclusion" />}
            {findings > 0 && (
              <span class="row-findings" title={countOf(findings, 'finding')}>
                <Icon name="comment" />
                {findings}
                <span class="visually-hidden"> {findings === 1 ? 'finding' : 'findings'}</span>
              </span>
            )}
            {disagreed && <Icon name="git-compare" label="Authors disagree on its label" />}
            {hasNote && <Icon name="note" label="Has a note" />}
            {label !== 'unlabelled' && <LabelMark label={label} />}
          </span>
        </div>
        <div class="row-text reading">{completion.text === '' ? this.renderEmpty(completion, style) : this.renderText(completion, detail, style)}</div>
      </div>
    );
  }

  private renderEmpty(completion: CompletionSummary, style: RowStyle) {
    return (
      <>
        <Prefill completion={completion} marks={[]} />
        <span class="dim"> — ended at once{style.blind ? '' : ': nothing to score'}</span>
      </>
    );
  }

  private renderText(completion: CompletionSummary, detail: CompletionDetail | null, style: RowStyle) {
    const { text } = completion;
    const offset = completionOffset(completion);
    const ofTheme = (style.theme?.placesIn(completion) ?? []).map(([start, end]): TextRange => [start + offset, end + offset]);
    const found = [...findRanges(style.pattern, searchedText(completion)), ...ofTheme];
    const words = style.keywords?.findMarks(text) ?? [];
    const interest = this.placeOfInterest(completion, detail, style, found, words);
    const start = snippetStart(text, interest, completion.prefillText.length, style.shape);
    const marks = [...marksOf(found, 'match'), ...marksOf(words, 'keyword', offset)];
    return (
      <>
        {start === 0 ? <Prefill completion={completion} marks={marks} /> : <span class="sign">… </span>}
        {detail === null || detail.hasTokens === false || style.blind ? (
          <span class="token">
            <VisibleText text={text.slice(start, start + SNIPPET_LENGTH)} marks={marks} offset={offset + start} breaks={false} />
          </span>
        ) : (
          stretchesOf(detail.tokens, shadeLevels(detail, style), start, detail.turn?.at).map((stretch) => [
            stretch.opensAnswer && <AnswerSign key={`answer ${stretch.start}`} />,
            <span key={stretch.start} class={`token ${shadeClass(stretch.level)}`}>
              <VisibleText text={stretch.text} marks={marks} offset={offset + stretch.start} breaks={false} />
            </span>,
          ])
        )}
      </>
    );
  }

  /** The first match of a search, else the first keyword, else the peak. Within the completion's text. */
  private placeOfInterest(
    completion: CompletionSummary,
    detail: CompletionDetail | null,
    style: RowStyle,
    found: readonly TextRange[],
    words: readonly TextRange[],
  ): TextRange | null {
    const offset = completionOffset(completion);
    const [first] = found;
    if (first) return [first[0] - offset, first[1] - offset];
    if (words[0]) return words[0];
    if (style.blind || !detail?.peak) return null;
    const lengthOf = (to: number) => detail.tokens.slice(0, to).reduce((sum, token) => sum + token.text.length, 0);
    return [lengthOf(detail.peak[0]), lengthOf(detail.peak[1])];
  }
}

function Prefill({ completion, marks }: { completion: CompletionSummary; marks: readonly TextMark[] }) {
  const { prefillText, framing } = completion;
  return (
    <>
      <span class={`token prefill ${seamClass(completion)}`}>
        <VisibleText text={prefillText} marks={marks} breaks={false} />
      </span>
      {!continuesPrefill(framing) && (
        <span class="sign" title="Asked to continue the prefill">
          {' → '}
        </span>
      )}
    </>
  );
}

/** Between a dialogue's question and its answer, where the detail shows the template's tokens. */
function AnswerSign() {
  return (
    <span class="sign" title="The question ends here, and the answer begins">
      {' → '}
    </span>
  );
}

function shadeLevels(detail: CompletionDetail, style: RowStyle): number[] {
  const gaps = shadedGaps(detail);
  const scale = { max: style.scaleMaximum ?? localMaximum(gaps), threshold: style.threshold };
  return gaps.map((gap) => shadeLevel(gap, scale));
}
