import { countOf } from '../../src/text/numbers.js';
import { usePage } from '../widgets/context.js';
import { FindingItem } from './finding-item.js';

/** What auditors said about parts of the completion. */
export function FindingsList({ id }: { id: number }) {
  const { state } = usePage();
  const spans = state.shownSpans(id);
  if (spans.length === 0) return null;
  const open = spans.filter(({ span }) => span.state === 'open').length;
  return (
    <section class="findings" aria-label="Findings of this completion">
      <h3>
        {countOf(spans.length, 'finding')}
        {open < spans.length && <span class="dim"> · {spans.length - open} resolved</span>}
      </h3>
      <ol>
        {spans.map(({ number, span }) => (
          <FindingItem key={span.finding} number={number} span={span} />
        ))}
      </ol>
    </section>
  );
}
