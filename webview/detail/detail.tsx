import { useEffect, useMemo, useRef } from 'preact/hooks';
import { continuesPrefill } from '../../src/audit/framing.js';
import { FIXED_MAXIMUM, type GapScale } from '../../src/text/gap-shade.js';
import { localMaximum } from '../text/gap-shade.js';
import type { CompletionSummary } from '../../src/messages/page.js';
import { NO_FILTER } from '../state/view-settings.js';
import { searchedText } from '../state/search.js';
import { visibleLine } from '../../src/text/visible-text.js';
import { VisibleText } from '../text/visible-text-view.js';
import { usePage } from '../widgets/context.js';
import { ShownPassFlag } from '../widgets/pass-flag.js';
import { NO_LABELS } from '../state/passes.js';
import { Icon } from '../widgets/icon.js';
import { FindingFormPopover } from '../findings/finding-form.js';
import { FindingsList } from '../findings/findings-list.js';
import { SelectionButton } from '../findings/selection-button.js';
import { ConfirmationBar, ConfirmationText } from './confirmation.js';
import { JudgementBar } from './judgement-bar.js';
import { Meta } from './meta.js';
import { PrefillText } from './prefill-text.js';
import { ShadingBar } from './shading-bar.js';
import { TokenPointer } from './token-pointer.js';
import { shadedGaps } from './token-reading.js';
import { TokenText } from './token-text.js';
import { TokenTooltip } from './token-tooltip.js';
import { markCompletion } from './text-marks.js';
import { detailOfWords } from './words.js';
import { sayKey } from '../page-keys.js';

/** Nothing is above the threshold. */
const NO_SHADES: GapScale = { max: 1, threshold: Number.POSITIVE_INFINITY };

/** The selected completion, large. */
export function Detail() {
  const { state, commands } = usePage();
  const pointer = useMemo(() => new TokenPointer(state.host), [state]);
  const scroller = useRef<HTMLDivElement>(null);
  const completion = state.selected.value;
  const known = completion ? state.details.states.value.get(completion.id) : undefined;
  const detail = known && 'detail' in known ? known.detail : null;
  const { printValues, showBoundaries, threshold } = state.settings.value;
  const maximum = state.shadeMaximum.value;
  const isBlind = state.blind.value !== null;
  const isPlain = isBlind || completion?.hasTokens === false || detail?.hasTokens === false;
  const words = useMemo(() => (completion && isPlain ? detailOfWords(completion) : null), [completion, isPlain]);
  const scale = useMemo(() => ({ max: maximum ?? (detail ? localMaximum(shadedGaps(detail)) : FIXED_MAXIMUM), threshold }), [detail, maximum, threshold]);
  useEffect(() => {
    if (scroller.current) scroller.current.scrollTop = 0;
  }, [completion?.id]);

  if (!completion) return <NothingSelected />;
  const shown = words ?? detail;
  const { chosen, form } = commands.findings;
  const marks = markCompletion(completion, {
    pattern: isBlind ? null : state.search.value.pattern,
    keywords: state.markedKeywords.value,
    theme: isBlind ? null : state.themeFilter.value,
    hidden: isBlind ? [] : (state.overview.answer.value?.hidden.filter(({ id }) => id === completion.id) ?? []),
    spans: state.shownSpans(completion.id),
    chosen: chosen.value && (chosen.value.by === 'keys' || form.value) ? chosen.value : null,
  });
  return (
    <section class="detail" aria-label="Selected completion">
      <Meta completion={completion} detail={detail} />
      {state.selectedIndex.value < 0 && <NotInList completion={completion} />}
      {!isPlain && <ShadingBar scale={scale} />}
      {isPlain && !isBlind && (
        <p class="no-tokens">
          <Icon name="info" /> No token data (imported):{' '}
          {hasFigures(completion) ? 'the text, and the figures that came with it.' : 'the text alone came, without scores or perplexities.'}
        </p>
      )}
      <div ref={scroller} class="detail-text" id="detail-text">
        {known && 'error' in known && !isPlain && (
          <p class="detail-error" role="alert">
            <Icon name="warning" /> The tokens could not be read: {known.error}{' '}
            <button class="link-button" onClick={() => state.details.retry(completion.id)}>
              Try again
            </button>
          </p>
        )}
        {shown ? (
          <TokenText
            key={`${completion.id} ${isPlain}`}
            completion={completion}
            detail={shown}
            scale={isPlain ? NO_SHADES : scale}
            printValues={printValues && !isPlain}
            showBoundaries={showBoundaries && !isPlain}
            marks={marks}
            plain={isPlain}
            pointer={pointer}
          />
        ) : (
          <div class="token-text reading" aria-busy={!known}>
            <PrefillText completion={completion} />
            <span class="token">
              <VisibleText text={completion.text} />
            </span>
          </div>
        )}
        {state.isMainPass.value && <SelectionButton completion={completion} />}
        <p id="token-list-keys" class="visually-hidden">
          Arrow keys move, with Shift they select.{sayKey('addFinding', 'adds a finding on what is selected.')}
        </p>
        {/* Read as one text, without a number after each word. */}
        <p class="visually-hidden">{readAsText(completion)}</p>
        <ConfirmationText completion={completion} />
        <FindingsList id={completion.id} />
      </div>
      {state.passMark.value?.writer === 'amplified' && <ConfirmationBar completion={completion} />}
      {state.isMainPass.value ? (
        <JudgementBar id={completion.id} />
      ) : (
        <p class="no-labels dim">
          <ShownPassFlag /> {NO_LABELS}
        </p>
      )}
      <FindingFormPopover />
      {detail && !isPlain && chosen.value?.by !== 'keys' && <TokenTooltip detail={detail} pointer={pointer} />}
    </section>
  );
}

function hasFigures({ scores, perplexityFinetuned, perplexityReference }: CompletionSummary): boolean {
  return perplexityFinetuned !== null || perplexityReference !== null || Object.values(scores).some((score) => score !== null);
}

function readAsText(completion: CompletionSummary): string {
  if (continuesPrefill(completion.framing)) return `Completion as text: ${visibleLine(searchedText(completion))}`;
  return `Asked to continue: ${visibleLine(completion.prefillText)}. Completion as text: ${visibleLine(completion.text)}`;
}

/** What is read here may have been filtered away by now. */
function NotInList({ completion }: { completion: CompletionSummary }) {
  const { state } = usePage();
  return (
    <p class="not-in-list">
      <Icon name="filter" /> Not among the completions that the list shows.
      {state.selectionIsHidden.value && ' Keys do not label it; the buttons do.'}{' '}
      <button
        class="link-button"
        onClick={() => {
          state.changeFilter({ ...NO_FILTER, foldRepetitive: state.filter.peek().foldRepetitive && !completion.repetitive });
          state.select(completion.id);
        }}
      >
        Show it in the list
      </button>
    </p>
  );
}

function NothingSelected() {
  const { state } = usePage();
  const some = state.list.value.length > 0;
  return (
    <section class="detail nothing" aria-label="Selected completion">
      {some && (
        <p class="dim">
          {state.running.value ? 'The ranking is still settling. ' : ''}
          <kbd>J</kbd> begins at the top.
        </p>
      )}
    </section>
  );
}
