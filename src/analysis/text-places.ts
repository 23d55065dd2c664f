/**
 * Places in the text of a completion. Findings count in bytes of prefill and completion joined, which no display changes;
 * whoever shows the text counts in UTF-16 units of it. Where a token's bytes are no text by themselves, places within it
 * are at its edges.
 */
import type { ByteSpan } from './finding.js';
import type { CompletionRecord } from '../audit/completion.js';
import type { Piece } from '../audit/language-model.js';
import type { TextRange } from './patterns/pattern.js';
import { bytesOfTokens, decodeUtf8, isValidUtf8, textsOfTokens } from '../text/utf8.js';

/** One token: where it begins and ends, in UTF-16 units and in bytes. */
interface Stretch {
  readonly text: string;
  readonly units: TextRange;
  readonly bytes: TextRange;
  /** The bytes are the text, so that there are places within. */
  readonly exact: boolean;
}

const utf8 = new TextEncoder();

export class TextPlaces {
  readonly #stretches: readonly Stretch[];
  /** Prefill and completion joined, control tokens by name. */
  readonly text: string;

  constructor(prefill: readonly Piece[], completion: readonly Piece[]) {
    const pieces = [...prefill, ...completion];
    const texts = [...textsOfTokens(prefill), ...textsOfTokens(completion)];
    let units = 0;
    let bytes = 0;
    this.#stretches = pieces.map((piece, index) => {
      const own = bytesOfTokens([piece]);
      const text = texts[index]!;
      const stretch: Stretch = {
        text,
        units: [units, units + text.length],
        bytes: [bytes, bytes + own.length],
        exact: isValidUtf8(own) && decodeUtf8(own) === text,
      };
      units += text.length;
      bytes += own.length;
      return stretch;
    });
    this.text = texts.join('');
  }

  static of(record: CompletionRecord): TextPlaces {
    return record.kind === 'imported' ? TextPlaces.ofTexts(record.prefill, record.text) : new TextPlaces(record.prefill.pieces, record.tokens);
  }

  /** Of texts without tokens. */
  static ofTexts(prefill: string, completion: string): TextPlaces {
    const piece = (text: string): Piece => ({ id: 0, bytes: utf8.encode(text), control: false });
    return new TextPlaces([piece(prefill)], [piece(completion)]);
  }

  /** The bytes of all characters that a range of UTF-16 units touches; `null` where those have none. */
  toBytes([start, end]: TextRange): ByteSpan | null {
    let first = -1;
    let last = -1;
    this.#stretches.forEach(({ units }, index) => {
      if (units[1] <= start || units[0] >= end) return;
      if (first < 0) first = index;
      last = index;
    });
    if (first < 0) return null;
    const span = { start: this.#firstByte(first, start), end: lastByte(this.#stretches[last]!, end) };
    return span.end > span.start ? span : null;
  }

  /** The characters that a span touches, in UTF-16 units; `null` where the text does not reach so far or has none of them. */
  toUnits({ start, end }: ByteSpan): TextRange | null {
    if (end > (this.#stretches.at(-1)?.bytes[1] ?? 0)) return null;
    const touched = this.#stretches.filter(({ bytes }) => bytes[1] > start && bytes[0] < end);
    const [first] = touched;
    const last = touched.at(-1);
    if (!first || !last) return null;
    const from = first.exact ? first.units[0] + unitsBefore(first.text, start - first.bytes[0], false) : first.units[0];
    let to = last.exact ? last.units[0] + unitsBefore(last.text, end - last.bytes[0], true) : last.units[1];
    // What ends in half a character is completed by what follows.
    if (last.text === '') to = this.#stretches.find(({ units }) => units[0] >= last.units[0] && units[1] > units[0])?.units[1] ?? to;
    return to > from ? [from, to] : null;
  }

  /** Tokens that come to nothing by themselves belong to the character that the next one completes. */
  #firstByte(index: number, unit: number): number {
    const stretch = this.#stretches[index]!;
    if (stretch.exact) return stretch.bytes[0] + utf8.encode(stretch.text.slice(0, wholeCharacter(stretch.text, unit - stretch.units[0], false))).length;
    let first = index;
    while (first > 0 && this.#stretches[first - 1]!.text === '') first--;
    return this.#stretches[first]!.bytes[0];
  }
}

function lastByte({ text, units, bytes, exact }: Stretch, unit: number): number {
  if (!exact || unit >= units[1]) return bytes[1];
  return bytes[0] + utf8.encode(text.slice(0, wholeCharacter(text, unit - units[0], true))).length;
}

/** A place that does not cut a surrogate pair: before it, or after it. */
function wholeCharacter(text: string, unit: number, after: boolean): number {
  const at = Math.max(0, Math.min(text.length, unit));
  const cuts = at > 0 && at < text.length && /[\uDC00-\uDFFF]/.test(text[at]!) && /[\uD800-\uDBFF]/.test(text[at - 1]!);
  if (!cuts) return at;
  return after ? at + 1 : at - 1;
}

/** UTF-16 units of the text's first bytes; a character that they cut counts where `whole`. */
function unitsBefore(text: string, bytes: number, whole: boolean): number {
  let units = 0;
  let counted = 0;
  for (const character of text) {
    const size = utf8.encode(character).length;
    if (counted + size > bytes) return whole && counted < bytes ? units + character.length : units;
    counted += size;
    units += character.length;
  }
  return units;
}
