import { useEffect, useMemo, useRef } from 'preact/hooks';
import { continuesPrefill } from '../../src/audit/framing.js';
import { localMaximum } from '../text/gap-shade.js';
import type { CompletionSummary } from '../../src/messages/page.js';
import { NO_FILTER } from '../state/view-settings.js';
import { searchedText } from '../state/search.js';
import { visibleLine } from '../../src/audit/visible-text.js';
import { VisibleText } from '../text/visible-text-view.js';
import { usePage } from '../widgets/context.js';
import { Icon } from '../widgets/icon.js';
import { JudgementBar } from './judgement-bar.js';
import { Meta } from './meta.js';
import { PrefillText } from './prefill-text.js';
import { ShadingBar } from './shading-bar.js';
import { TokenPointer } from './token-pointer.js';
import { shadedGaps } from './token-reading.js';
import { TokenText } from './token-text.js';
import { TokenTooltip } from './token-tooltip.js';

/** The selected completion, large. */
export function Detail() {
  const { state } = usePage();
  const pointer = useMemo(() => new TokenPointer(state.host), [state]);
  const scroller = useRef<HTMLDivElement>(null);
  const completion = state.selected.value;
  const known = completion ? state.details.states.value.get(completion.id) : undefined;
  const detail = known && 'detail' in known ? known.detail : null;
  const { localScale, printValues, showBoundaries, threshold } = state.settings.value;
  const shared = state.sharedMaximum.value;
  const scale = useMemo(
    () => ({ max: localScale && detail ? localMaximum(shadedGaps(detail)) : shared, threshold }),
    [localScale, detail, shared, threshold],
  );
  useEffect(() => {
    if (scroller.current) scroller.current.scrollTop = 0;
  }, [completion?.id]);

  if (!completion) return <NothingSelected />;
  return (
    <section class="detail" aria-label="Selected completion">
      <Meta completion={completion} detail={detail} />
      {state.selectedIndex.value < 0 && <NotInList completion={completion} />}
      <ShadingBar scale={scale} />
      <div ref={scroller} class="detail-text" id="detail-text">
        {known && 'error' in known && (
          <p class="detail-error" role="alert">
            <Icon name="warning" /> The tokens could not be read: {known.error}{' '}
            <button class="link-button" onClick={() => state.details.retry(completion.id)}>
              Try again
            </button>
          </p>
        )}
        {detail ? (
          <TokenText
            key={completion.id}
            completion={completion}
            detail={detail}
            scale={scale}
            printValues={printValues}
            showBoundaries={showBoundaries}
            pattern={state.search.value.pattern}
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
        {/* Read as one text, without a number after each word. */}
        <p class="visually-hidden">{readAsText(completion)}</p>
      </div>
      <JudgementBar id={completion.id} />
      {detail && <TokenTooltip detail={detail} pointer={pointer} />}
    </section>
  );
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
