import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { anchoredTop, chooseAnchor, countAbove, type Anchor } from '../state/scroll-anchor.js';
import { countOf, formatCount } from '../../src/text/numbers.js';
import { usePage } from '../widgets/context.js';
import { Icon } from '../widgets/icon.js';
import { ListEmpty } from './list-empty.js';
import { ListHead } from './list-head.js';
import { Row, rowId, type RowStyle } from './row.js';
import type { RowShape } from './snippet.js';
import { useVirtualRows } from './virtual-rows.js';

/** Lines of text in a row, as the style sheet cuts them, and the pixels that it has beside them. */
const ROW_SIZES: Readonly<Record<RowShape, { lines: number; extra: number }>> = { comfortable: { lines: 2, extra: 42 }, compact: { lines: 1, extra: 8 } };

export function CompletionList() {
  const { state, commands } = usePage();
  const viewport = useRef<HTMLDivElement>(null);
  const list = state.rows.value;
  const ids = useMemo(() => list.map(({ completion }) => completion.id), [list]);
  const selectedIndex = state.selectedIndex.value;
  const shape = state.settings.value.compactRows ? 'compact' : 'comfortable';
  const rowHeight = useRowHeight(shape);
  const rows = useVirtualRows({ count: list.length, rowHeight, viewport, keep: selectedIndex });
  const bar = useRef<HTMLButtonElement>(null);
  const newAbove = useSettledScroll(viewport, bar, ids, rowHeight);
  const items = rows.getVirtualItems();
  const details = state.details.states.value;
  const blind = state.blind.value !== null;
  const judgements = state.judgements.shown.value;
  const ranks = state.ranks.value.rankOf;
  const { threshold } = state.settings.value;
  const scaleMaximum = state.shadeMaximum.value;
  const score = state.score.value;
  const { pattern } = state.search.value;
  const keywords = state.markedKeywords.value;
  const theme = state.themeFilter.value;
  const passMark = state.passMark.value;
  const citations = blind || !state.isMainPass.value ? [] : state.conclusion.written.value.citations;
  const disagreements = state.evidence.disagreements.value;
  const style = useMemo<RowStyle>(
    () => ({ shape, score, pattern: blind ? null : pattern, theme: blind ? null : theme, keywords, blind, scaleMaximum, threshold, passMark }),
    [shape, score, pattern, theme, keywords, blind, scaleMaximum, threshold, passMark],
  );
  const select = useMemo(() => (id: number) => state.select(id), [state]);
  const toggleAlike = useMemo(
    () => (id: number) => {
      state.select(id);
      commands.toggleAlike();
    },
    [state, commands],
  );

  const selectedId = state.selectedId.value;
  useEffect(() => {
    const wanted = items.flatMap(({ index }) => (list[index] ? [list[index].completion.id] : []));
    state.details.want(selectedId === null ? wanted : [selectedId, ...wanted]);
  });
  useLayoutEffect(() => {
    if (selectedIndex >= 0) rows.scrollToIndex(selectedIndex, { align: 'auto' });
  }, [selectedId]);
  useEffect(() => {
    commands.list = {
      rowsInView: () => Math.floor((viewport.current?.clientHeight ?? 0) / rowHeight),
      scrollToTop: () => viewport.current?.scrollTo({ top: 0 }),
      focus: () => viewport.current?.focus({ preventScroll: true }),
    };
  }, [rowHeight]);

  return (
    <section class="list" aria-label="Ranked completions">
      {!blind && <ListHead />}
      {newAbove > 0 && (
        <button ref={bar} class="new-above" onClick={() => commands.list?.scrollToTop()}>
          <Icon name="arrow-up" /> {formatCount(newAbove)} new above
        </button>
      )}
      <div
        ref={viewport}
        id="completions"
        class={`list-viewport ${shape}`}
        role="listbox"
        aria-label={`${countOf(list.length, 'completion')}, ${blind ? 'in random order' : 'ranked'}`}
        tabIndex={0}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.ctrlKey || event.metaKey || event.altKey || !state.settings.peek().groupAlike) return;
          event.preventDefault();
          commands.toggleAlike();
        }}
        {...(selectedIndex >= 0 ? { 'aria-activedescendant': rowId(selectedId!) } : {})}
      >
        <div class="list-rows" role="presentation" style={{ height: `${rows.getTotalSize()}px` }}>
          {items.map(({ index, start }) => {
            const row = list[index];
            if (!row) return null;
            const { completion } = row;
            const { id } = completion;
            const known = details.get(id);
            return (
              <Row
                key={id}
                completion={completion}
                detail={known && 'detail' in known ? known.detail : null}
                rank={blind ? index + 1 : (ranks.get(id) ?? 0)}
                label={judgements.get(id)?.label ?? 'unlabelled'}
                hasNote={(judgements.get(id)?.note ?? '') !== ''}
                findings={state.shownSpans(id).length}
                cited={citations.includes(id)}
                disagreed={!blind && disagreements.has(id)}
                alike={row.alike}
                expanded={row.expanded}
                member={row.member}
                selected={id === selectedId}
                index={index}
                count={list.length}
                top={start}
                height={rowHeight}
                style={style}
                onSelect={select}
                onToggleAlike={toggleAlike}
              />
            );
          })}
        </div>
      </div>
      {list.length === 0 && <ListEmpty />}
    </section>
  );
}

/** Pixels, from the editor's font size as it is rendered. */
function useRowHeight(shape: RowShape): number {
  const { lines, extra } = ROW_SIZES[shape];
  const [fontSize, setFontSize] = useState(13);
  useLayoutEffect(() => {
    const measure = () => setFontSize(Number.parseFloat(getComputedStyle(document.body).fontSize));
    measure();
    const observer = new MutationObserver(measure);
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });
    return () => observer.disconnect();
  }, []);
  return Math.round(lines * fontSize * 1.55) + extra;
}

/** Holds the rows in view in their place while others come in above; answers how many those are. */
function useSettledScroll(viewport: { current: HTMLElement | null }, bar: { current: HTMLElement | null }, ids: readonly number[], rowHeight: number): number {
  const { state } = usePage();
  const [newAbove, setNewAbove] = useState(0);
  const fresh = useRef(new Set<number>());
  const known = useRef(new Set<number>());
  const barHeight = useRef(0);
  const shown = useRef<{ ids: readonly number[]; settings: unknown; anchor: Anchor | null }>({ ids, settings: null, anchor: null });
  const { sort, filter, groupAlike } = state.settings.value;
  const settings = `${sort} ${state.score.value} ${groupAlike} ${JSON.stringify(filter)}`;

  useLayoutEffect(() => {
    const element = viewport.current!;
    const { ids: before, settings: settingsBefore, anchor } = shown.current;
    if (ids === before && settings === settingsBefore) return;
    const chosen = settings === settingsBefore;
    if (!chosen) {
      // The reader asked for another order: begin at its top, or at what is selected.
      const index = state.selectedIndex.peek();
      element.scrollTop = index < 0 ? 0 : Math.max(0, index * rowHeight - element.clientHeight / 3);
      fresh.current.clear();
    } else if (anchor) {
      const top = anchoredTop(ids, rowHeight, anchor);
      if (top !== null) element.scrollTop = top;
      if (known.current.size > 0) for (const id of ids) if (!known.current.has(id)) fresh.current.add(id);
    }
    // What was folded away in a group is not new when it is unfolded.
    for (const { id } of state.list.peek()) known.current.add(id);
    shown.current = { ids, settings, anchor };
  }, [ids, settings, rowHeight]);

  // The bar that says how many takes its room from the list's top: the rows stay where they are on the screen.
  useLayoutEffect(() => {
    const before = barHeight.current;
    barHeight.current = bar.current?.offsetHeight ?? 0;
    viewport.current!.scrollTop += barHeight.current - before;
  }, [newAbove > 0]);

  useLayoutEffect(() => {
    const element = viewport.current!;
    const look = () => {
      const view = { top: element.scrollTop, height: element.clientHeight };
      shown.current.anchor = chooseAnchor(ids, rowHeight, view, state.selectedIndex.peek());
      // After the run nothing pushes the first row away, so whoever sees it sees what is new.
      if (view.top < (state.running.peek() ? 1 : rowHeight)) fresh.current.clear();
      setNewAbove(countAbove(ids, rowHeight, view, fresh.current));
    };
    look();
    element.addEventListener('scroll', look, { passive: true });
    return () => element.removeEventListener('scroll', look);
  }, [ids, rowHeight, state.selectedIndex.value, state.running.value, newAbove > 0]);

  return newAbove;
}
