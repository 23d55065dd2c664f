import { visibleLine } from '../../src/text/visible-text.js';
import { formatRanges } from '../text/numbers.js';
import { countOf, formatCount } from '../../src/text/numbers.js';
import { usePage } from '../widgets/context.js';
import { Icon } from '../widgets/icon.js';
import { Popover } from '../widgets/popover.js';
import { withKey } from '../page-keys.js';

/** Stretches of numbers that a reason shows; a popover is no place for ten thousand. */
const MOST_RANGES = 40;
const BUTTON = 'set-aside-button';

/** How many completions the audit goes on without; absent where there are none. */
export function SetAsideChip() {
  const { state, commands } = usePage();
  const count = state.setAsideCount.value;
  const open = commands.openPanel.value === 'setAside';
  if (count === 0) return null;
  return (
    <button
      id={BUTTON}
      class={`icon-button set-aside-chip ${open ? 'on' : ''}`}
      aria-haspopup="dialog"
      aria-expanded={open}
      title={withKey('Completions without a usable answer: the reasons', 'setAside')}
      onClick={() => (commands.openPanel.value = open ? null : 'setAside')}
    >
      <Icon name="warning" /> {formatCount(count)} set aside
    </button>
  );
}

/** Why completions are missing, and what can be done about it. */
export function SetAsidePopover() {
  const { state, commands } = usePage();
  const groups = state.setAside.value;
  const count = state.setAsideCount.value;
  const close = () => {
    if (commands.openPanel.peek() === 'setAside') commands.openPanel.value = null;
  };
  return (
    <Popover id="set-aside" label="Set aside" anchor={BUTTON} open={commands.openPanel.value === 'setAside' && count > 0} onClose={close}>
      <div class="about-head">
        <h2>{countOf(count, 'completion')} set aside</h2>
        <button class="icon-button" aria-label="Close" title="Close (Escape)" data-autofocus onClick={close}>
          <Icon name="close" />
        </button>
      </div>
      <p>A server gave no usable answer for {count === 1 ? 'it' : 'them'}, so the audit goes on without: not ranked, in no figure.</p>
      <ul class="set-aside-reasons">
        {groups.map(({ reason, ids }) => (
          <li key={reason}>
            <span class="set-aside-reason">{visibleLine(reason)}</span>
            <span class="dim">
              {countOf(ids.length, 'completion')}, {ids.length === 1 ? 'number' : 'numbers'} <Numbers ids={ids} />
            </span>
          </li>
        ))}
      </ul>
      <p class="dim">Numbers as in the journal, from 0.</p>
      <Remedy onDone={close} />
    </Popover>
  );
}

function Numbers({ ids }: { ids: readonly number[] }) {
  const ranges = formatRanges(ids);
  const rest = ranges.length - MOST_RANGES;
  return (
    <>
      {ranges.slice(0, MOST_RANGES).join(', ')}
      {rest > 0 && ' and more'}
    </>
  );
}

function Remedy({ onDone }: { onDone: () => void }) {
  const { state } = usePage();
  if (state.running.value) return <p>Once the audit has ended, resuming it tries them again.</p>;
  if (!state.status.value?.canResume) return <p>Resuming the audit tries them again.</p>;
  const resume = () => {
    onDone();
    void state.host.act({ action: 'resume' });
  };
  return (
    <>
      <p>Resuming the audit tries them again.</p>
      <div class="popover-actions">
        <vscode-button onClick={resume}>Resume</vscode-button>
      </div>
    </>
  );
}
