/** Announcements to screen readers. Rare and short. */
import { signal } from '@preact/signals';

const said = signal('');

export function announce(text: string): void {
  // The same words again are only heard where something changed.
  said.value = said.peek() === text ? `${text}\u00a0` : text;
}

export function Announcer() {
  return (
    <div class="visually-hidden" role="status" aria-live="polite">
      {said.value}
    </div>
  );
}
