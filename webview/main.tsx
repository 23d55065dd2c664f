/** The results page: puts the parts together and says that it is ready. */
import { render } from 'preact';
import { App } from './app.js';
import { PageCommands } from './commands.js';
import { registerControls } from './controls.js';
import { connectHost } from './host.js';
import { Keyboard } from './keyboard.js';
import { watchLayout } from './page-layout.js';
import { PageState } from './state/page-state.js';
import { watchTheme } from './theme.js';
import { PageContext } from './widgets/context.js';
import './styles/styles.css';

const api = acquireVsCodeApi();
const { host, start } = connectHost(api);
const state = new PageState(host, api);
const commands = new PageCommands(state);

registerControls();
watchTheme();
watchLayout();
const keyboard = new Keyboard(commands);
document.addEventListener('keydown', (event) => keyboard.handle(event));
document.addEventListener('pointerdown', () => keyboard.endChord(), { capture: true });
window.addEventListener('blur', () => keyboard.endChord());
render(
  <PageContext.Provider value={{ state, commands }}>
    <App />
  </PageContext.Provider>,
  document.getElementById('root')!,
);
start({ ...state.listen(), onCommand: (command) => commands.run(command) });
