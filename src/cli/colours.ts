/**
 * Colours of the terminal, with a second channel for what they say. Gaps are shaded on a diverging scale, blue where the
 * reference finds a token more likely, orange where the finetuned model does; strong ones are underlined too. Where the
 * terminal has no colours, strong ones carry their number.
 */
import { Ansis } from 'ansis';
import { ownSequence } from './terminal.js';

/** Nats at which the shade is full, and from which a token is marked in a second way. */
const FULL_SHADE = 4;
const SALIENT = 2;

const ORANGE = [
  [255, 224, 178],
  [255, 183, 77],
  [239, 108, 0],
] as const;
const BLUE = [
  [207, 226, 255],
  [116, 169, 245],
  [33, 100, 200],
] as const;

export class Colours {
  readonly #ansis: Ansis;
  readonly enabled: boolean;

  /** @param level 0 for none, as `ansis` finds it unless given */
  constructor(level?: 0 | 1 | 2 | 3) {
    this.#ansis = new Ansis(level);
    this.enabled = this.#ansis.level > 0;
  }

  bold(text: string): string {
    return paint(this.#ansis.bold, text);
  }

  faint(text: string): string {
    return paint(this.#ansis.dim, text);
  }

  error(text: string): string {
    return paint(this.#ansis.red.bold, text);
  }

  /** The prefill, which the model did not write. */
  prefill(text: string): string {
    return this.enabled ? paint(this.#ansis.dim.italic, text) : `[${text}]`;
  }

  /** A sign that stands for what cannot be seen. */
  sign(text: string): string {
    return paint(this.#ansis.dim, text);
  }

  /** @param gap nats; `null` where it is not known for this token */
  shade(text: string, gap: number | null): string {
    if (gap === null) return text;
    const salient = Math.abs(gap) >= SALIENT;
    if (!this.enabled) return salient ? markWithNumber(text, gap) : text;
    const steps = gap > 0 ? ORANGE : BLUE;
    const strength = Math.min(1, Math.abs(gap) / FULL_SHADE);
    if (strength < 0.15) return text;
    const [red, green, blue] = steps[Math.min(steps.length - 1, Math.floor(strength * steps.length))]!;
    const style = this.#ansis.bgRgb(red, green, blue).black;
    return paint(salient ? style.underline : style, text);
  }

  /** What the shades mean. */
  legend(): string {
    const swatch = (gap: number) => this.shade(` ${formatShortGap(gap)} `, gap);
    if (!this.enabled) {
      return `[prefill]  «token+2.1»: ln P(finetuned) − ln P(reference) of at least ${SALIENT} nats`;
    }
    return (
      `${this.prefill('prefill')}  ${[-4, -2, -1].map(swatch).join('')} reference likelier · finetuned likelier ${[1, 2, 4].map(swatch).join('')} ` +
      this.faint('nats per token')
    );
  }
}

/** What is printed knows these sequences from those of a text. */
function paint({ open, close }: { readonly open: string; readonly close: string }, text: string): string {
  return ownSequence(open) + text + ownSequence(close);
}

/** The number beside the token, its blanks outside so that words stay apart. */
function markWithNumber(text: string, gap: number): string {
  const word = text.trim();
  const start = text.indexOf(word);
  return `${text.slice(0, start)}«${word}${formatShortGap(gap)}»${text.slice(start + word.length)}`;
}

export function formatShortGap(gap: number): string {
  return `${gap < 0 ? '−' : '+'}${Math.abs(gap).toFixed(1)}`;
}
