import { countOf, formatCount } from '../../src/text/numbers.js';
import { sayKey, withKey } from '../page-keys.js';
import { GoToRank } from '../toolbar/go-to-rank.js';
import { usePage } from '../widgets/context.js';
import { Icon } from '../widgets/icon.js';

/** Above the list: how many it shows of how many, and how it shows them. */
export function ListHead() {
  const { state, commands } = usePage();
  const { groupAlike, compactRows } = state.settings.value;
  return (
    <header class="list-head">
      <Counts />
      <span class="list-head-end">
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
          class={`icon-button ${groupAlike ? 'on' : ''}`}
          aria-pressed={groupAlike}
          aria-label="Group alike"
          title={`${withKey('One row for completions that say the same', 'groupAlike')}.${sayKey('showAlike', 'shows those of a row')}`}
          onClick={() => commands.toggleGroups()}
        >
          <Icon name="layers" />
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
      </span>
      <GoToRank />
    </header>
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
            title={`${withKey(folding ? 'Show them' : 'Fold them', 'repetitive')}. Repetitive completions are flagged, never dropped.`}
            onClick={() => commands.toggleRepetitive()}
          >
            {folding ? `${formatCount(repetitive)} repetitive folded` : `fold ${formatCount(repetitive)} repetitive`}
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
