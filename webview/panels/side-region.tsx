import { usePage } from '../widgets/context.js';
import { Icon } from '../widgets/icon.js';
import { openPanelOf } from './open-panel.js';
import { PANELS } from './registry.js';

/** Where one panel is open at a time; absent where none is. */
export function SideRegion() {
  const { state, commands } = usePage();
  const name = openPanelOf(state);
  if (name === null) return null;
  const { text, component: Component, ofMainPass } = PANELS[name];
  return (
    <div class="side" id="side">
      <header class="side-head">
        <h2>{text}</h2>
        <button class="icon-button" title={`Close ${text}`} aria-label={`Close ${text}`} onClick={() => commands.closePanel()}>
          <Icon name="close" />
        </button>
      </header>
      {ofMainPass && !state.isMainPass.value ? <p class="side-empty dim">Findings and the conclusion are of the plain pass.</p> : <Component />}
    </div>
  );
}
