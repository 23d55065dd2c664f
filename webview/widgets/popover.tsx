import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

interface PopoverProps {
  readonly id: string;
  readonly label: string;
  readonly open: boolean;
  readonly onClose: () => void;
  /** The element that it belongs to, under which it appears and to which focus returns. */
  readonly anchor: string;
  readonly children: ComponentChildren;
}

/** A small panel in the top layer; a click outside of it or Escape closes it. */
export function Popover({ id, label, open, onClose, anchor, children }: PopoverProps) {
  const element = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState(false);
  useLayoutEffect(() => {
    const panel = element.current!;
    if (open === panel.matches(':popover-open')) return;
    if (!open) {
      panel.hidePopover();
      return;
    }
    const owner = document.getElementById(anchor);
    panel.showPopover();
    if (owner) placeUnder(panel, owner.getBoundingClientRect());
    panel.querySelector<HTMLElement>('[data-autofocus]')?.focus();
  }, [open]);
  return (
    <div
      id={id}
      ref={element}
      class="popover"
      popover="auto"
      role="dialog"
      aria-label={label}
      onToggle={(event) => {
        const isOpen = (event as unknown as ToggleEvent).newState === 'open';
        setShown(isOpen);
        if (isOpen) return;
        onClose();
        const focused = document.activeElement;
        if (focused === document.body || element.current?.contains(focused)) document.getElementById(anchor)?.focus();
      }}
    >
      {(open || shown) && children}
    </div>
  );
}

function placeUnder(panel: HTMLElement, owner: DOMRect): void {
  const { width, height } = panel.getBoundingClientRect();
  const left = Math.max(8, Math.min(owner.left, window.innerWidth - width - 8));
  const below = owner.bottom + 4;
  const top = below + height > window.innerHeight - 8 ? Math.max(8, owner.top - height - 4) : below;
  panel.style.left = `${left}px`;
  panel.style.top = `${top}px`;
}
