import { describeFilter, withoutFilter } from '../state/filtering.js';
import { visibleLine } from '../../src/text/visible-text.js';
import { usePage } from '../widgets/context.js';
import { Icon } from '../widgets/icon.js';

/** The filters in force, each to be taken away. */
export function FilterChips() {
  const { state, commands } = usePage();
  const filter = state.filter.value;
  const broken = state.search.value.error !== null;
  const chips = describeFilter(filter).filter(({ key }) => key !== 'query' || !broken);
  if (chips.length === 0) return null;
  return (
    <div class="chips" role="group" aria-label="Filters in force">
      {chips.map(({ key, text }) => (
        <button key={key} class="filter-chip" title="Take this filter away" onClick={() => state.change({ filter: withoutFilter(filter, key) })}>
          {visibleLine(text)} <Icon name="close" />
        </button>
      ))}
      {chips.length > 1 && (
        <button class="link-button" onClick={() => commands.clearFilters()}>
          Clear all
        </button>
      )}
    </div>
  );
}
