import { pageLayout } from '../page-layout.js';
import type { PageState } from '../state/page-state.js';
import type { PanelName } from './panel-names.js';

/** The panel that is open; `null` where none is. Until the reader has said, the plots where they take no room from what is read. */
export function openPanelOf({ settings, isScored }: Pick<PageState, 'settings' | 'isScored'>): PanelName | null {
  const { panel } = settings.value;
  if (panel === null) return pageLayout.value === 'wide' && isScored.value ? 'plots' : null;
  return panel === 'closed' ? null : panel;
}
