import { useMemo } from 'preact/hooks';
import { explainScore, SCORE_DEFINITIONS, type ScoreName } from '../../src/audit/scores.js';
import { visibleLine } from '../../src/text/visible-text.js';
import { describeFilter } from '../state/filtering.js';
import { sortOptions } from '../state/names.js';
import type { SortOrder } from '../state/view-settings.js';
import { usePage } from '../widgets/context.js';
import { Dropdown } from '../widgets/dropdown.js';
import { Icon } from '../widgets/icon.js';
import { FilterChips } from './filter-chips.js';
import { FilterPopover } from './filter-popover.js';
import { FramingSwitch } from './framing-switch.js';
import { PassSwitch } from './pass-switch.js';
import { SearchBox } from './search-box.js';
import { withKey } from '../page-keys.js';

export function Toolbar() {
  const { state, commands } = usePage();
  const score = state.score.value;
  const names = state.scoreNames.value;
  const imported = state.imported.value;
  const rankedBy = state.rankedBy.value;
  const sameTokenizer = state.sameTokenizer.value;
  const explained =
    rankedBy === SCORE_DEFINITIONS[score].name
      ? explainScore(score, sameTokenizer, imported)
      : 'No score of a known kind came with the file: its completions are in its own order.';
  const scores = useMemo(
    () =>
      names.map((name) =>
        name === score
          ? { value: name, text: rankedBy, title: explained }
          : { value: name, text: SCORE_DEFINITIONS[name].name, title: explainScore(name, sameTokenizer, imported) },
      ),
    [names, sameTokenizer, imported, score, rankedBy, explained],
  );
  const filters = useMemo(
    () => describeFilter(state.filter.value).filter(({ key }) => key !== 'query' && key !== 'theme' && key !== 'framing').length,
    [state.filter.value],
  );
  const { sort } = state.settings.value;
  const isScored = state.isScored.value;
  const orders = useMemo(() => sortOptions(imported, isScored), [imported, isScored]);
  return (
    <section class="toolbar" aria-label="Order and filters">
      <div class="toolbar-row">
        <Dropdown
          label="Score that the ranking sorts by"
          title={withKey(explained, 'nextScore')}
          value={score}
          options={scores}
          onChange={(value) => state.change({ score: value as ScoreName })}
        />
        <Dropdown
          label="Order"
          value={orders.some(({ value }) => value === sort) ? sort : 'plan'}
          options={orders}
          onChange={(value) => state.change({ sort: value as SortOrder })}
        />
        <SearchBox />
        <FramingSwitch />
        <PassSwitch />
        <button
          id="filters-button"
          class={`icon-button ${filters > 0 ? 'on' : ''}`}
          aria-haspopup="dialog"
          aria-expanded={commands.openPanel.value === 'filters'}
          title={withKey('More filters', 'filters')}
          onClick={() => {
            commands.openPanel.value = commands.openPanel.peek() === 'filters' ? null : 'filters';
          }}
        >
          <Icon name={filters > 0 ? 'filter-filled' : 'filter'} /> Filters
        </button>
      </div>
      {state.search.value.error && (
        <p id="search-error" class="search-error" role="alert">
          {visibleLine(state.search.value.error)}
        </p>
      )}
      <FilterChips />
      <FilterPopover />
    </section>
  );
}
