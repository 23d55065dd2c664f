import { useRef } from 'preact/hooks';
import { usePage } from './context.js';

const LEAST = 0.15;
const MOST = 0.7;
const STEP = 0.02;

/** Between list and detail: dragged, or moved with the arrow keys. */
export function Splitter() {
  const { state } = usePage();
  const element = useRef<HTMLDivElement>(null);
  const share = state.settings.value.listShare;
  const set = (value: number) => state.change({ listShare: Math.min(MOST, Math.max(LEAST, value)) });
  return (
    <div
      ref={element}
      class="splitter"
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the list"
      aria-valuenow={Math.round(share * 100)}
      aria-valuemin={LEAST * 100}
      aria-valuemax={MOST * 100}
      tabIndex={0}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        event.preventDefault();
      }}
      onPointerMove={(event) => {
        if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
        const { left, width } = element.current!.parentElement!.getBoundingClientRect();
        set((event.clientX - left) / width);
      }}
      onKeyDown={(event) => {
        if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
        event.preventDefault();
        event.stopPropagation();
        set(share + (event.key === 'ArrowLeft' ? -STEP : STEP));
      }}
    />
  );
}
