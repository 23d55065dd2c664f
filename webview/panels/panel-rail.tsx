import { PAGE_COMMANDS, type PageCommandName } from '../../src/messages/page-commands.js';
import { BlindPopover } from '../blind/blind-popover.js';
import { withKey } from '../page-keys.js';
import { usePage } from '../widgets/context.js';
import { Icon } from '../widgets/icon.js';
import { openPanelOf } from './open-panel.js';
import { PANEL_NAMES, type PanelName } from './panel-names.js';
import { PANELS } from './registry.js';

/** At the edge of the page: what the side region can show, then the ways of reading and the keys. */
export function PanelRail() {
  const { state, commands } = usePage();
  const open = openPanelOf(state);
  return (
    <nav class="rail" aria-label="Panels">
      {PANEL_NAMES.map((name) => (
        <button
          key={name}
          class={`rail-button ${open === name ? 'on' : ''}`}
          aria-pressed={open === name}
          title={titleOf(name)}
          onClick={() => commands.togglePanel(name)}
        >
          <Icon name={PANELS[name].icon} />
          <span>{PANELS[name].text}</span>
        </button>
      ))}
      <span class="rail-gap" />
      <button
        id="blind-button"
        class="rail-button"
        aria-haspopup="dialog"
        aria-expanded={commands.openPanel.value === 'blind'}
        title={withKey('Label without knowing the ranking, and see the figures', 'blind')}
        onClick={() => {
          commands.openPanel.value = commands.openPanel.peek() === 'blind' ? null : 'blind';
        }}
      >
        <Icon name="eye-closed" />
        <span>Blind</span>
      </button>
      <button class="rail-button" title={withKey('Keys', 'help')} onClick={() => (commands.openPanel.value = 'help')}>
        <Icon name="question" />
        <span>Keys</span>
      </button>
      <BlindPopover />
    </nav>
  );
}

/** With its key, where a command of the page is called as the panel is. */
function titleOf(name: PanelName): string {
  const { title } = PANELS[name];
  return isCommand(name) ? withKey(title, name) : title;
}

function isCommand(name: string): name is PageCommandName {
  return (PAGE_COMMANDS as readonly string[]).includes(name);
}
