import { countLabelled } from '../state/blind.js';
import { usePage } from '../widgets/context.js';
import { Icon } from '../widgets/icon.js';
import { keyOf, withKey } from '../page-keys.js';

/** In the place of plots and filters while a slice is read blind. */
export function BlindBar() {
  const { state, commands } = usePage();
  const blind = state.blind.value;
  if (!blind) return null;
  const { labelled, of } = countLabelled(blind, state.judgements.own.value);
  return (
    <section class="blind-bar" aria-label="Labelling blind">
      <span class="blind-title">
        <Icon name="eye-closed" /> Blind
      </span>
      <progress class="progress-bar" max={of} value={labelled} aria-label="Labelled" />
      <span class="blind-progress" role="status">
        {labelled} of {of} labelled
      </span>
      <span class="dim blind-hides">Ranks, scores, plots, shades and what others said are hidden; the order is random.</span>
      <button class="icon-button" title={withKey('Keys', 'help')} aria-label="Keys" onClick={() => (commands.openPanel.value = 'help')}>
        <Icon name="question" />
      </button>
      <vscode-button appearance={labelled === of ? 'primary' : 'secondary'} title={keyOf('blind') ?? undefined} onClick={() => commands.blind.leave()}>
        {labelled === of ? 'Done: see the figures' : 'Leave and see the figures'}
      </vscode-button>
    </section>
  );
}
