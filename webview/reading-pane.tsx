import { Detail } from './detail/detail.js';
import { CompletionList } from './list/completion-list.js';
import { pageLayout } from './page-layout.js';
import { openPanelOf } from './panels/open-panel.js';
import { PanelRail } from './panels/panel-rail.js';
import { SideRegion } from './panels/side-region.js';
import { usePage } from './widgets/context.js';
import { Splitter } from './widgets/splitter.js';

/** The list, the completion that is read, and the panel that is open. */
export function ReadingPane() {
  const { state } = usePage();
  const { listShare, sideWidth, sideHeight } = state.settings.value;
  const layout = pageLayout.value;
  const isBlind = state.blind.value !== null;
  const hasSide = !isBlind && openPanelOf(state) !== null;
  return (
    <main
      class={`reading-pane ${layout} ${hasSide ? 'with-side' : ''}`}
      style={{ '--list-share': listShare, '--side-width': sideWidth, '--list-height': `${1 - sideHeight}fr`, '--side-height': `${sideHeight}fr` }}
    >
      <CompletionList />
      {(layout === 'wide' || layout === 'middle') && (
        <Splitter
          label="Width of the list"
          class="by-list"
          orientation="vertical"
          regions=".list, .detail"
          share={listShare}
          side="before"
          onChange={(value) => state.change({ listShare: value })}
        />
      )}
      <Detail />
      {hasSide && <SideSplitter />}
      {hasSide && <SideRegion />}
      {!isBlind && <PanelRail />}
    </main>
  );
}

/** Between the panel and what it stands beside. */
function SideSplitter() {
  const { state } = usePage();
  const layout = pageLayout.value;
  if (layout === 'slim') return null;
  const place =
    layout === 'middle'
      ? ({ label: 'Height of the panel', orientation: 'horizontal', regions: '.list, .side', setting: 'sideHeight' } as const)
      : ({
          label: 'Width of the panel',
          orientation: 'vertical',
          regions: layout === 'wide' ? '.list, .detail, .side' : '.list, .side',
          setting: 'sideWidth',
        } as const);
  const { setting, ...rest } = place;
  return (
    <Splitter
      key={setting}
      {...rest}
      class="by-side"
      side="behind"
      share={state.settings.value[setting]}
      onChange={(value) => state.change({ [setting]: value })}
    />
  );
}
