import { LABEL_STATE_NAMES } from '../state/names.js';
import { countOf } from '../../src/text/numbers.js';
import { visibleLine } from '../../src/text/visible-text.js';
import { usePage } from '../widgets/context.js';
import { LabelMark } from '../widgets/label-mark.js';

/** Every finding of the audit, by completion: a click goes to where it stands. */
export function FindingsPanel() {
  const { state, commands } = usePage();
  const spans = state.evidence.spans.value;
  const open = spans.filter(({ span }) => span.state === 'open').length;
  return (
    <section class="side-panel findings-panel" id="findings" aria-label="Findings">
      <div class="panel-scroll">
        {spans.length === 0 ? (
          <p class="dim" tabIndex={-1} data-autofocus>
            No finding yet. Select a part of a completion’s text to add one.
          </p>
        ) : (
          <ol class="finding-rows">
            {spans.map(({ number, span }, index) => (
              <li key={span.finding}>
                <button
                  class={`finding-row ${span.completionId === state.selectedId.value ? 'current' : ''} ${span.state === 'resolved' ? 'resolved' : ''}`}
                  data-autofocus={index === 0 ? true : undefined}
                  title={span.note === '' ? undefined : visibleLine(span.note)}
                  onClick={() => state.select(span.completionId)}
                  onKeyDown={(event) => {
                    if (event.key !== 'Escape') return;
                    event.stopPropagation();
                    commands.list?.focus();
                  }}
                >
                  <span class="finding-row-head">
                    <span class="rank">{state.nameOf.value(span.completionId)}</span> <span class="dim">{number}</span>
                    {span.label && <LabelMark label={span.label} />}
                    {span.category !== null && <span class="flag category-flag">{visibleLine(span.category)}</span>}
                    {span.state === 'resolved' && <span class="flag">resolved</span>}
                    {span.label && <span class="visually-hidden">{LABEL_STATE_NAMES[span.label]}</span>}
                  </span>
                  <q class="finding-quote">{visibleLine(span.quote.trim())}</q>
                  {span.note !== '' && <span class="finding-row-note dim">{visibleLine(span.note)}</span>}
                </button>
              </li>
            ))}
          </ol>
        )}
      </div>
      <p class="panel-foot dim">
        <span>
          {countOf(spans.length, 'finding')}
          {open < spans.length && `, ${spans.length - open} resolved`}. Replies and changes stand under the completion’s text.
        </span>
      </p>
    </section>
  );
}
