import { LABEL_STATE_NAMES } from '../state/names.js';
import type { LabelState } from '../state/view-settings.js';

/** The label's shape: the same in rows, buttons and plots, so that colour is never all there is. */
export function LabelMark({ label, decorative = false }: { label: LabelState; decorative?: boolean }) {
  const name = LABEL_STATE_NAMES[label];
  return (
    <svg class={`label-mark ${label}`} viewBox="-8 -8 16 16" {...(decorative ? { 'aria-hidden': true } : { role: 'img', 'aria-label': name })}>
      {!decorative && <title>{name}</title>}
      {SHAPES[label]}
    </svg>
  );
}

const SHAPES = {
  revealing: <path class="filled" d="M0 -6.5 L6.5 0 L0 6.5 L-6.5 0 Z" />,
  notRevealing: <path class="stroked" d="M-4.5 -4.5 L4.5 4.5 M4.5 -4.5 L-4.5 4.5" />,
  unsure: <path class="stroked" d="M0 -5.5 L6 5 L-6 5 Z" />,
  unlabelled: <circle class="filled" r="3" />,
};
