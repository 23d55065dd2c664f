import { useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { AuditState } from '../src/messages/page.js';
import { BlindBar } from './blind/blind-bar.js';
import { FiguresDialog } from './blind/figures-dialog.js';
import { Header } from './header/header.js';
import { HelpDialog } from './help/help-dialog.js';
import { ListEmpty } from './list/list-empty.js';
import { AnswerStrip } from './header/answer-strip.js';
import { ReadingPane } from './reading-pane.js';
import { countOf } from '../src/text/numbers.js';
import { Toolbar } from './toolbar/toolbar.js';
import { announce, Announcer } from './widgets/announcer.js';
import { usePage } from './widgets/context.js';

export function App() {
  const { state } = usePage();
  useProgressAnnouncements();
  useSetAsideAnnouncement();
  const some = state.completions.value.length > 0;
  const blind = state.blind.value !== null;
  return (
    <>
      <Header />
      {some && !blind && <AnswerStrip />}
      {some && blind && <BlindBar />}
      {some && !blind && <Toolbar />}
      {some ? (
        <ReadingPane />
      ) : (
        <main class="reading-pane alone">
          <ListEmpty />
        </main>
      )}
      <HelpDialog />
      <FiguresDialog />
      <Announcer />
    </>
  );
}

/** A screen reader hears of every quarter and of every change of state, not of every completion. */
function useProgressAnnouncements(): void {
  const { state } = usePage();
  const heard = useRef<{ state: AuditState; quarter: number; waits: boolean } | null>(null);
  useSignalEffect(() => {
    const status = state.status.value;
    if (!status) return;
    const quarter = status.completionsTotal === 0 ? 0 : Math.floor((4 * status.completionsDone) / status.completionsTotal);
    const before = heard.current;
    const waits = status.standstill !== undefined;
    heard.current = { state: status.state, quarter, waits };
    if (!before) return;
    if (before.state !== status.state) announce(`Audit ${status.state}. ${status.message}`);
    else if (before.waits !== waits) announce(status.standstill ?? 'The server answers again');
    else if (before.quarter !== quarter) announce(`${status.completionsDone} of ${countOf(status.completionsTotal, 'completion')} ranked`);
  });
}

/** Once, for each audit: how many they are by and by is said where they are listed. */
function useSetAsideAnnouncement(): void {
  const { state } = usePage();
  const heardOf = useRef<string | null>(null);
  useSignalEffect(() => {
    const folder = state.audit.value?.folder;
    const count = state.setAsideCount.value;
    if (folder === undefined || count === 0 || heardOf.current === folder) return;
    heardOf.current = folder;
    announce(`${countOf(count, 'completion')} set aside: a server gave no usable answer`);
  });
}
