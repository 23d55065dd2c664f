/** A text that stands in an editor with its gaps: what is scored of it by now, and what edits have left of that. */
import { Range, type TextDocument, type TextDocumentContentChangeEvent, type Uri } from 'vscode';
import { analyseCompletion } from '../../analysis/analyse.js';
import type { CompletionAnalysis } from '../../audit/analysis.js';
import type { GapScale } from '../../text/gap-shade.js';
import type { TextRange } from '../../analysis/patterns/pattern.js';
import { summariseText, type TextFigures } from '../../analysis/text-figures.js';
import type { ScoredStretch } from '../../runner/text/score-text.js';
import { detailCompletion } from '../results/completion-view.js';
import { makeCells, type GapCell } from './gap-cells.js';
import { shiftRange } from './shift-range.js';

export interface PlacedCell {
  readonly range: Range;
  readonly cell: GapCell;
}

export interface ShadingOptions {
  readonly document: TextDocument;
  /** What of it is scored, in UTF-16 units. */
  readonly scope: TextRange;
  readonly auditName: string;
  readonly scale: GapScale;
}

export class Shading {
  readonly uri: Uri;
  readonly auditName: string;
  readonly scale: GapScale;
  readonly #document: TextDocument;
  readonly #scope: TextRange;
  #cells: PlacedCell[] = [];
  /** Where the text begins; undefined where an edit took it away. */
  #top: Range | undefined;
  readonly #analyses: CompletionAnalysis[] = [];
  readonly #unscored: string[] = [];
  #units = 0;
  /** Its text is no longer the one that is being scored. */
  #changed = false;
  running = true;

  constructor({ document, scope, auditName, scale }: ShadingOptions) {
    this.uri = document.uri;
    this.auditName = auditName;
    this.scale = scale;
    this.#document = document;
    this.#scope = scope;
    const begin = document.positionAt(scope[0]);
    this.#top = new Range(begin, begin);
  }

  get cells(): readonly PlacedCell[] {
    return this.#cells;
  }

  /** The line above which the text's figures stand. */
  get line(): number {
    return this.#top?.start.line ?? this.#cells[0]?.range.start.line ?? 0;
  }

  /** Of what was scored, edits or not. */
  get figures(): TextFigures {
    return summariseText(this.#analyses);
  }

  /** From 0 to 1. */
  get progress(): number {
    const [start, end] = this.#scope;
    return end === start ? 1 : this.#units / (end - start);
  }

  /** Why servers gave no answer for some stretches. */
  get unscored(): readonly string[] {
    return this.#unscored;
  }

  get changed(): boolean {
    return this.#changed;
  }

  /** A stretch of the scope's text; one that arrives after an edit no longer has a place. */
  add(stretch: ScoredStretch): void {
    if (this.#changed) return;
    this.#units += stretch.end - stretch.start;
    if ('unscored' in stretch) {
      this.#unscored.push(stretch.unscored);
      return;
    }
    const analysis = analyseCompletion(stretch.record);
    this.#analyses.push(analysis);
    const offset = this.#scope[0] + stretch.start;
    const place = (at: number) => this.#document.positionAt(offset + at);
    for (const cell of makeCells(detailCompletion(stretch.record, analysis))) {
      this.#cells.push({ range: new Range(place(cell.start), place(cell.end)), cell });
    }
  }

  /** Drops the shades of the lines that were changed; the others go with their lines. */
  edit(changes: readonly TextDocumentContentChangeEvent[]): void {
    this.#changed = true;
    for (const { range, text } of changes) {
      const edit = { from: range.start.line, to: range.end.line, added: text.split('\n').length - 1 };
      this.#cells = this.#cells.flatMap((placed) => {
        const shifted = shiftRange(placed.range, edit);
        return shifted ? [{ ...placed, range: new Range(shifted.start.line, shifted.start.character, shifted.end.line, shifted.end.character) }] : [];
      });
      const top = this.#top && shiftRange(this.#top, edit);
      this.#top = top ? new Range(top.start.line, 0, top.start.line, 0) : undefined;
    }
  }
}
