import { describe, expect, it } from 'vitest';
import { TextPlaces } from '../../../src/analysis/text-places.js';
import { bytesOfTokens } from '../../../src/text/utf8.js';
import { piece } from './pieces.js';

const bytes = (...values: number[]) => ({ id: 1, bytes: Uint8Array.from(values), control: false });
const control = (text: string) => ({ id: 2, bytes: new TextEncoder().encode(text), control: true });

describe('places in a text', () => {
  const places = new TextPlaces([piece('Ein '), piece('grüner')], [piece(' Fluß'), piece(' 🌉 here')]);

  it('are the same in bytes and in characters where all is plain', () => {
    expect(places.text).toBe('Ein grüner Fluß 🌉 here');
    expect(places.toBytes([0, 3])).toEqual({ start: 0, end: 3 });
    expect(places.toUnits({ start: 0, end: 3 })).toEqual([0, 3]);
  });

  it('come back from every range, and the bytes are those of the characters', () => {
    const all = bytesOfTokens([piece(places.text)]);
    for (let start = 0; start < places.text.length; start++) {
      for (let end = start + 1; end <= places.text.length; end++) {
        const span = places.toBytes([start, end])!;
        const text = new TextDecoder('utf-8', { fatal: true }).decode(all.subarray(span.start, span.end));
        const [from, to] = places.toUnits(span)!;
        expect(places.text.slice(from, to)).toBe(text);
        expect(from).toBeLessThanOrEqual(start);
        expect(to).toBeGreaterThanOrEqual(end);
      }
    }
  });

  it('do not cut a character that the range touches', () => {
    const bridge = places.text.indexOf('🌉');
    expect(places.toUnits(places.toBytes([bridge, bridge + 1])!)).toEqual([bridge, bridge + 2]);
    expect(places.toUnits(places.toBytes([bridge + 1, bridge + 2])!)).toEqual([bridge, bridge + 2]);
    expect(places.toUnits({ start: 6, end: 7 })).toEqual([6, 7]);
    expect(places.toUnits({ start: 7, end: 8 })).toEqual([6, 7]);
  });

  it('are of a whole character whose bytes are several tokens', () => {
    const cut = new TextPlaces([piece('a')], [bytes(0xf0, 0x9f), bytes(0x8c), bytes(0x89), piece('b')]);
    expect(cut.text).toBe('a🌉b');
    expect(cut.toBytes([1, 3])).toEqual({ start: 1, end: 5 });
    expect(cut.toUnits({ start: 1, end: 5 })).toEqual([1, 3]);
    expect(cut.toUnits({ start: 1, end: 3 })).toEqual([1, 3]);
    expect(cut.toBytes([0, 4])).toEqual({ start: 0, end: 6 });
  });

  it('are none beyond the text, and none in what has no bytes', () => {
    expect(places.toUnits({ start: 0, end: 1000 })).toBeNull();
    expect(places.toBytes([500, 510])).toBeNull();
    const named = new TextPlaces([], [piece('x'), control('<|im_end|>')]);
    expect(named.toBytes([1, 5])).toBeNull();
    expect(named.toBytes([0, 5])).toEqual({ start: 0, end: 1 });
  });

  it('are known of texts without tokens', () => {
    const imported = TextPlaces.ofTexts('Ü', ' ber');
    expect(imported.toBytes([0, 3])).toEqual({ start: 0, end: 4 });
    expect(imported.toUnits({ start: 2, end: 6 })).toEqual([1, 5]);
  });
});
