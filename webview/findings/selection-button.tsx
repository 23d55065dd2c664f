import { useEffect, useRef, useState } from 'preact/hooks';
import type { CompletionSummary } from '../../src/messages/page.js';
import { readSelection } from '../text/source-offset.js';
import { usePage } from '../widgets/context.js';
import { Icon } from '../widgets/icon.js';

/** By the text that is chosen: what can be done with it. */
export function SelectionButton({ completion }: { completion: CompletionSummary }) {
  const { commands } = usePage();
  const { chosen: signal, form } = commands.findings;
  const [place, setPlace] = useState<DOMRect | null>(null);
  const chosen = signal.value;
  const button = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    let frame = 0;
    const look = () => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => {
        if (form.peek()) return;
        const root = document.querySelector('.token-text');
        const selected = root && readSelection(root);
        if (selected) signal.value = { id: completion.id, ...selected, by: 'mouse', place: rectOfSelection };
        else if (signal.peek()?.by === 'mouse') signal.value = null;
      });
    };
    document.addEventListener('selectionchange', look);
    return () => {
      cancelAnimationFrame(frame);
      document.removeEventListener('selectionchange', look);
    };
  }, [completion.id]);
  useEffect(() => {
    const follow = () => setPlace(chosen?.place() ?? null);
    follow();
    document.addEventListener('scroll', follow, { capture: true, passive: true });
    window.addEventListener('resize', follow);
    return () => {
      document.removeEventListener('scroll', follow, { capture: true });
      window.removeEventListener('resize', follow);
    };
  }, [chosen]);

  if (!chosen || !place || form.value || chosen.id !== completion.id) return null;
  return (
    <button
      ref={button}
      class="selection-button"
      style={{ left: `${Math.max(8, Math.min(place.right - 40, window.innerWidth - 160))}px`, top: `${Math.min(place.bottom + 6, window.innerHeight - 40)}px` }}
      // The press must not take the selection away before the click has used it.
      onMouseDown={(event) => event.preventDefault()}
      onClick={() => commands.findings.add()}
    >
      <Icon name="comment" /> Add finding <kbd>M</kbd>
    </button>
  );
}

function rectOfSelection(): DOMRect | null {
  const selection = getSelection();
  return selection && selection.rangeCount > 0 && !selection.isCollapsed ? selection.getRangeAt(0).getBoundingClientRect() : null;
}
