/** Shades by gap in an editor: a fixed set of decoration types, made when the first is needed. */
import {
  DecorationRangeBehavior,
  OverviewRulerLane,
  ThemeColor,
  window,
  type DecorationRenderOptions,
  type Disposable,
  type Range,
  type TextEditor,
  type TextEditorDecorationType,
  type ThemableDecorationRenderOptions,
} from 'vscode';
import { SHADE_LEVELS } from '../../text/gap-shade.js';

export interface Shade {
  readonly range: Range;
  /** −12 to 12; see `shadeLevel`. */
  readonly level: number;
}

type Hue = readonly [red: number, green: number, blue: number];

/**
 * The page's two hues, over dark and over light pages. The strongest shade is as strong as leaves the text on it a contrast
 * of 4.5; from the seventh level on the text is white or black.
 */
const THEMES = {
  dark: { finetuned: [209, 134, 22], reference: [55, 148, 255], most: 0.62, ink: '#ffffff' },
  light: { finetuned: [209, 134, 22], reference: [26, 133, 255], most: 0.62, ink: '#000000' },
} as const satisfies Record<string, { finetuned: Hue; reference: Hue; most: number; ink: string }>;

const INK_FROM = 7;
const LINE_FROM = 4;
/** Strong enough to be seen from afar. */
const RULER_FROM = 8;

export class GapPainter implements Disposable {
  /** By level. */
  #shades: ReadonlyMap<number, TextEditorDecorationType> | undefined;
  #prefill: TextEditorDecorationType | undefined;
  #inserted: TextEditorDecorationType | undefined;

  /**
   * Replaces what was painted in the editor.
   * @param inserted shown before `range` as no part of the text: of a dialogue what the template writes before its answer, of an import its seam
   */
  paint(
    editor: TextEditor,
    shades: readonly Shade[],
    prefill: readonly Range[] = [],
    inserted: { readonly range: Range; readonly text: string } | null = null,
  ): void {
    const byLevel = new Map<number, Range[]>();
    for (const { range, level } of shades) {
      if (level === 0) continue;
      const ranges = byLevel.get(level);
      if (ranges) ranges.push(range);
      else byLevel.set(level, [range]);
    }
    this.#shades ??= makeShades();
    for (const [level, type] of this.#shades) editor.setDecorations(type, byLevel.get(level) ?? []);
    if (inserted || this.#inserted) {
      this.#inserted ??= window.createTextEditorDecorationType({
        before: { color: new ThemeColor('descriptionForeground'), margin: '0 0.5em', border: '1px solid' },
      });
      editor.setDecorations(this.#inserted, inserted ? [{ range: inserted.range, renderOptions: { before: { contentText: inserted.text } } }] : []);
    }
    if (prefill.length === 0 && !this.#prefill) return;
    this.#prefill ??= window.createTextEditorDecorationType({ opacity: '0.75', fontStyle: 'italic' });
    editor.setDecorations(this.#prefill, prefill);
  }

  clear(editor: TextEditor): void {
    for (const type of this.#shades?.values() ?? []) editor.setDecorations(type, []);
    if (this.#prefill) editor.setDecorations(this.#prefill, []);
    if (this.#inserted) editor.setDecorations(this.#inserted, []);
  }

  dispose(): void {
    for (const type of this.#shades?.values() ?? []) type.dispose();
    this.#prefill?.dispose();
    this.#inserted?.dispose();
  }
}

function makeShades(): Map<number, TextEditorDecorationType> {
  const types = new Map<number, TextEditorDecorationType>();
  for (const sign of [1, -1]) {
    for (let strength = 1; strength <= SHADE_LEVELS; strength++)
      types.set(sign * strength, window.createTextEditorDecorationType(describeShade(sign * strength)));
  }
  return types;
}

/** Strength is told by the shade and by the thickness of the line, the side by the hue and by the style of the line. */
export function describeShade(level: number): DecorationRenderOptions {
  return {
    rangeBehavior: DecorationRangeBehavior.ClosedClosed,
    ...(Math.abs(level) >= RULER_FROM && { overviewRulerLane: OverviewRulerLane.Center }),
    dark: describeIn(level, 'dark'),
    light: describeIn(level, 'light'),
  };
}

function describeIn(level: number, theme: keyof typeof THEMES): ThemableDecorationRenderOptions {
  const { finetuned, reference, most, ink } = THEMES[theme];
  const strength = Math.abs(level);
  const hue = (level > 0 ? finetuned : reference).join(', ');
  const line = Math.ceil((strength - LINE_FROM + 1) / 3);
  return {
    backgroundColor: `rgba(${hue}, ${((most * strength) / SHADE_LEVELS).toFixed(3)})`,
    ...(strength >= INK_FROM && { color: ink }),
    ...(line > 0 && {
      textDecoration: `underline ${level > 0 ? 'solid' : 'dotted'} rgb(${hue}) ${line}px; text-decoration-skip-ink: none; text-underline-offset: 0.22em`,
    }),
    ...(strength >= RULER_FROM && { overviewRulerColor: `rgb(${hue})` }),
  };
}
