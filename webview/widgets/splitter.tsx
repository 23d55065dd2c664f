import { useRef } from 'preact/hooks';
import { LEAST_PANE_SHARE, MOST_PANE_SHARE } from '../state/view-settings.js';

const STEP = 0.02;

interface SplitterProps {
  /** What is resized, e.g. `Width of the list`. */
  readonly label: string;
  readonly class: string;
  /** How the line runs: a vertical one is dragged sideways. */
  readonly orientation: 'vertical' | 'horizontal';
  /** Selects the regions whose common room is divided. */
  readonly regions: string;
  /** That of what is resized, and whether that lies before the line or behind it. */
  readonly share: number;
  readonly side: 'before' | 'behind';
  readonly onChange: (share: number) => void;
}

/** Between two regions: dragged, or moved with the arrow keys. */
export function Splitter({ label, class: className, orientation, regions, share, side, onChange }: SplitterProps) {
  const element = useRef<HTMLDivElement>(null);
  const set = (value: number) => onChange(Math.min(MOST_PANE_SHARE, Math.max(LEAST_PANE_SHARE, value)));
  const [back, on] = orientation === 'vertical' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown'];
  return (
    <div
      ref={element}
      class={`splitter ${orientation} ${className}`}
      role="separator"
      aria-orientation={orientation}
      aria-label={label}
      aria-valuenow={Math.round(share * 100)}
      aria-valuemin={LEAST_PANE_SHARE * 100}
      aria-valuemax={MOST_PANE_SHARE * 100}
      tabIndex={0}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        event.preventDefault();
      }}
      onPointerMove={(event) => {
        if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
        const boxes = [...element.current!.parentElement!.querySelectorAll(regions)].map((region) => region.getBoundingClientRect());
        const [from, to, at] =
          orientation === 'vertical'
            ? [Math.min(...boxes.map(({ left }) => left)), Math.max(...boxes.map(({ right }) => right)), event.clientX]
            : [Math.min(...boxes.map(({ top }) => top)), Math.max(...boxes.map(({ bottom }) => bottom)), event.clientY];
        const before = (at - from) / (to - from);
        set(side === 'before' ? before : 1 - before);
      }}
      onKeyDown={(event) => {
        if (event.key !== back && event.key !== on) return;
        event.preventDefault();
        event.stopPropagation();
        set(share + ((event.key === on) === (side === 'before') ? STEP : -STEP));
      }}
    />
  );
}
