import { useMemo } from 'preact/hooks';
import { explainScore, SCORE_DEFINITIONS, type ScoreName } from '../../src/audit/scores.js';
import { visibleLine } from '../../src/text/visible-text.js';
import { BlindPopover } from '../blind/blind-popover.js';
import { plotsAreOpen } from '../commands.js';
import { describeFilter } from '../state/filtering.js';
import { sortOptions } from '../state/names.js';
import { type SidePanel, type SortOrder } from '../state/view-settings.js';
import { countOf, formatCount } from '../../src/text/numbers.js';
import { usePage } from '../widgets/context.js';
import { Dropdown } from '../widgets/dropdown.js';
import { Icon } from '../widgets/icon.js';
import { FilterChips } from './filter-chips.js';
import { FilterPopover } from './filter-popover.js';
import { FramingSwitch } from './framing-switch.js';
import { GoToRank } from './go-to-rank.js';
import { PassSwitch } from './pass-switch.js';
import { SearchBox } from './search-box.js';
import { sayKey, withKey } from '../page-keys.js';

const PANELS: readonly { readonly name: SidePanel; readonly icon: string; readonly text: string; readonly title: string }[] = [
  { name: 'themes', icon: 'quote', text: 'Themes', title: 'What recurs where F is much less surprised than R' },
  { name: 'keywords', icon: 'tag', text: 'Keywords', title: 'How many of the best say what you look for' },
  { name: 'conclusion', icon: 'law', text: 'Conclusion', title: 'What the model was finetuned to do' },
];

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
  const plotsOpen = plotsAreOpen(state);
  const { groupAlike, compactRows, panel, sort } = state.settings.value;
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
        <Counts />
        <span class="toolbar-end">
          <button
            id="rank-button"
            class="icon-button"
            title={withKey('Go to a rank', 'goToRank')}
            aria-label="Go to a rank"
            onClick={() => (commands.openPanel.value = 'goToRank')}
          >
            <Icon name="list-ordered" />
          </button>
          <button
            class={`icon-button ${compactRows ? 'on' : ''}`}
            aria-pressed={compactRows}
            aria-label="Rows of one line"
            title={withKey('Rows of one line', 'compactRows')}
            onClick={() => commands.toggle('compactRows')}
          >
            <Icon name="list-flat" />
          </button>
          <button
            class={`icon-button ${groupAlike ? 'on' : ''}`}
            aria-pressed={groupAlike}
            title={`${withKey('One row for completions that say the same', 'groupAlike')}.${sayKey('showAlike', 'shows those of a row')}`}
            onClick={() => commands.toggleGroups()}
          >
            <Icon name="layers" /> Group alike
          </button>
          {PANELS.map(({ name, icon, text, title }) => (
            <button
              key={name}
              class={`icon-button ${panel === name ? 'on' : ''}`}
              aria-pressed={panel === name}
              title={withKey(title, name)}
              onClick={() => commands.togglePanel(name)}
            >
              <Icon name={icon} /> {text}
            </button>
          ))}
          <button
            id="blind-button"
            class="icon-button"
            aria-haspopup="dialog"
            aria-expanded={commands.openPanel.value === 'blind'}
            title={withKey('Label without knowing the ranking, and see the figures', 'blind')}
            onClick={() => {
              commands.openPanel.value = commands.openPanel.peek() === 'blind' ? null : 'blind';
            }}
          >
            <Icon name="eye-closed" /> Blind
          </button>
          <button
            class={`icon-button ${plotsOpen ? 'on' : ''}`}
            aria-pressed={plotsOpen}
            title={withKey('Plots', 'plots')}
            aria-label="Plots"
            onClick={() => commands.togglePlots()}
          >
            <Icon name="graph-scatter" />
          </button>
          <button class="icon-button" title={withKey('Keys', 'help')} aria-label="Keys" onClick={() => (commands.openPanel.value = 'help')}>
            <Icon name="question" />
          </button>
        </span>
      </div>
      {state.search.value.error && (
        <p class="search-error" role="alert">
          {visibleLine(state.search.value.error)} Nothing is searched for until it is one.
        </p>
      )}
      <FilterChips />
      <FilterPopover />
      <GoToRank />
      <BlindPopover />
    </section>
  );
}

function Counts() {
  const { state, commands } = usePage();
  const folding = state.filter.value.foldRepetitive;
  const repetitive = state.repetitiveCount.value;
  return (
    <span class="counts">
      {formatCount(state.list.value.length)} of {formatCount(state.completions.value.length)} shown
      {state.found.searching.value && <> · searching…</>}
      <Groups />
      {repetitive > 0 && (
        <>
          {' · '}
          <button
            class="link-button"
            title={withKey('Repetitive completions are flagged, never dropped', 'repetitive')}
            onClick={() => commands.toggleRepetitive()}
          >
            {folding ? `${formatCount(repetitive)} repetitive folded – show` : `fold ${formatCount(repetitive)} repetitive`}
          </button>
        </>
      )}
    </span>
  );
}

function Groups() {
  const { state } = usePage();
  if (!state.settings.value.groupAlike) return null;
  const { isStale } = state.alike;
  // While completions come in, there are always some that are not compared yet.
  if (isStale.value && !state.running.value) return <> · comparing…</>;
  return (
    <>
      {' '}
      in {countOf(state.groupCount.value, 'group')}
      {isStale.value && ' so far'}
    </>
  );
}
