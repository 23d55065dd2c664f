/** The token of the selected completion that is looked at, and what the models would have said there instead. */
import { computed, signal } from '@preact/signals';
import type { AlternativesAnswer } from '../../src/messages/page.js';
import type { Host } from '../host.js';
import { messageOf } from '../state/reason.js';

/** `index` is the token's; one past the last is the end-of-turn token's. */
export interface Pointing {
  readonly id: number;
  readonly index: number;
}

export type AlternativesState =
  { readonly state: 'loading' } | { readonly state: 'there'; readonly answer: AlternativesAnswer } | { readonly state: 'failed'; readonly reason: string };

export class TokenPointer {
  readonly hovered = signal<Pointing | null>(null);
  readonly focused = signal<Pointing | null>(null);
  readonly pinned = signal<Pointing | null>(null);
  /** A pinned token stays; else the pointer goes before the keyboard. */
  readonly pointed = computed(() => this.pinned.value ?? this.hovered.value ?? this.focused.value);
  readonly #alternatives = signal<ReadonlyMap<string, AlternativesState>>(new Map());

  constructor(private readonly host: Pick<Host, 'fetchAlternatives'>) {}

  alternativesAt(at: Pointing): AlternativesState | null {
    return this.#alternatives.value.get(keyOf(at)) ?? null;
  }

  pin(at: Pointing | null): void {
    this.pinned.value = at && this.pinned.peek() && keyOf(at) === keyOf(this.pinned.peek()!) ? null : at;
  }

  /** Answers whether there was anything to put away. */
  dismiss(): boolean {
    const any = this.pointed.peek() !== null;
    this.pinned.value = null;
    this.hovered.value = null;
    this.focused.value = null;
    return any;
  }

  /** Asks both models, and pins the token so that the answer has somewhere to appear. */
  async askAlternatives(at: Pointing): Promise<void> {
    this.pinned.value = at;
    const known = this.#alternatives.peek().get(keyOf(at));
    if (known && known.state !== 'failed') return;
    this.#remember(at, { state: 'loading' });
    try {
      this.#remember(at, { state: 'there', answer: await this.host.fetchAlternatives({ id: at.id, token: at.index }) });
    } catch (error) {
      this.#remember(at, { state: 'failed', reason: messageOf(error) });
    }
  }

  #remember(at: Pointing, state: AlternativesState): void {
    this.#alternatives.value = new Map(this.#alternatives.peek()).set(keyOf(at), state);
  }
}

function keyOf({ id, index }: Pointing): string {
  return `${id}:${index}`;
}
