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
  const { sideWidth, sideHeight } = state.settings.value;
  const layout = pageLayout.value;
  if (layout === 'slim') return null;
  return layout === 'middle' ? (
    <Splitter
      label="Height of the panel"
      class="by-side"
      orientation="horizontal"
      regions=".list, .side"
      share={sideHeight}
      side="behind"
      onChange={(value) => state.change({ sideHeight: value })}
    />
  ) : (
    <Splitter
      label="Width of the panel"
      class="by-side"
      orientation="vertical"
      regions={layout === 'wide' ? '.list, .detail, .side' : '.list, .side'}
      share={sideWidth}
      side="behind"
      onChange={(value) => state.change({ sideWidth: value })}
    />
  );
}
