/** Into the blind, and out of it. */
import { signal } from '@preact/signals';
import type { DrawnSlice } from '../src/analysis/finding.js';
import { countLabelled, firstToRead } from './state/blind.js';
import { messageOf } from './state/reason.js';
import type { PageState } from './state/page-state.js';

export class BlindCommands {
  /** Whose figures are looked at; `null` for those of all labels. */
  readonly figuresOf = signal<DrawnSlice | null>(null);

  constructor(
    private readonly state: PageState,
    private readonly tell: (text: string) => void,
    private readonly openFigures: () => void,
  ) {}

  /**
   * Draws a slice from the current ranking and reads it; answers why not, or null.
   * @param isWhole the audit has all of the ranking, so that what is drawn at random says what lies below the best
   */
  async start(k: number, isWhole: boolean): Promise<string | null> {
    const framing = this.state.framing.peek();
    try {
      const drawn = await this.state.host.drawSlice({ k, isWhole, score: this.state.score.peek(), framing: framing === 'all' ? null : framing });
      // What the host tells comes with the next message at the latest.
      if (!this.state.evidence.slices.peek().some(({ slice }) => slice.seed === drawn.slice.seed)) {
        this.state.evidence.update({ slices: [...this.state.evidence.slices.peek(), drawn] });
      }
      this.enter(drawn);
      return null;
    } catch (error) {
      return messageOf(error);
    }
  }

  enter(drawn: DrawnSlice): void {
    const first = firstToRead(drawn, this.state.judgements.own.peek());
    // What was just labelled in sight would be named by its number in the slice.
    this.state.judgements.forgetLastSave();
    this.state.change({ blindSeed: drawn.slice.seed });
    if (first !== null) this.state.select(first);
    const { labelled, of } = countLabelled(drawn, this.state.judgements.own.peek());
    this.tell(`Blind: ${labelled} of ${of} labelled. Scores and ranks are hidden until you leave with Shift+B.`);
  }

  /** Back to the page that shows all, with the figures. */
  leave(): void {
    const drawn = this.state.blind.peek();
    this.state.change({ blindSeed: null });
    if (drawn) this.showFigures(drawn);
  }

  /** Of a slice, or of all labels (`null`). */
  showFigures(drawn: DrawnSlice | null): void {
    this.figuresOf.value = drawn;
    this.openFigures();
  }
}
