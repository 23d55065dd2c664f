/** What the side region can show. A panel is a component, its name in panel-names.ts, and its entry here. */
import type { ComponentType } from 'preact';
import { ConclusionPanel } from '../conclusion/conclusion-panel.js';
import { FindingsPanel } from '../findings/findings-panel.js';
import { KeywordsPanel } from '../keywords/keywords-panel.js';
import { Plots } from '../plots/plots.js';
import { Themes } from '../themes/themes.js';
import type { PanelName } from './panel-names.js';

export interface Panel {
  /** A codicon. */
  readonly icon: string;
  /** Short enough to stand under the icon. */
  readonly text: string;
  /** What it answers. */
  readonly title: string;
  /** What has the focus once it is open carries `data-autofocus`. */
  readonly component: ComponentType;
  /** Is about what auditors say, which is of the main pass alone. */
  readonly ofMainPass?: true;
}

export const PANELS: Readonly<Record<PanelName, Panel>> = {
  plots: { icon: 'graph-scatter', text: 'Plots', title: 'All completions at once: both perplexities, and how the score is distributed', component: Plots },
  themes: { icon: 'quote', text: 'Themes', title: 'What recurs where F is much less surprised than R', component: Themes },
  keywords: { icon: 'tag', text: 'Keywords', title: 'How many of the best say what you look for', component: KeywordsPanel },
  findings: { icon: 'comment', text: 'Findings', title: 'What auditors said about parts of completions', component: FindingsPanel, ofMainPass: true },
  conclusion: { icon: 'law', text: 'Conclusion', title: 'What the model was finetuned to do', component: ConclusionPanel, ofMainPass: true },
};
