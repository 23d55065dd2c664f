/** A text longer than a model's context is read in windows that overlap, so that every token stands after a good part of a context. */
import type { Piece } from '../audit/language-model.js';

/** One request: `prompt` is read, and each token of `continuation` is scored. */
export interface Window {
  readonly id: number;
  readonly prompt: number[];
  readonly continuation: number[];
}

/**
 * Windows that together score every token but the first, once and in order. Each token has at least half of the context before it, or
 * all that there is; a control token that the text begins with (BOS) opens every window.
 * @param room tokens of the context, at least 4; `null` where it is not known
 */
export function slideOver(pieces: readonly Piece[], room: number | null): Window[] {
  const ids = pieces.map(({ id }) => id);
  if (ids.length < 2) return [];
  if (room === null || ids.length <= room) return [{ id: 0, prompt: ids.slice(0, 1), continuation: ids.slice(1) }];
  const windows: Window[] = [{ id: 0, prompt: ids.slice(0, 1), continuation: ids.slice(1, room) }];
  const opening = pieces[0]!.control ? ids.slice(0, 1) : [];
  const overlap = Math.floor(room / 2);
  for (let at = room; at < ids.length;) {
    const prompt = [...opening, ...ids.slice(at - overlap, at)];
    const end = Math.min(ids.length, at + room - prompt.length);
    windows.push({ id: windows.length, prompt, continuation: ids.slice(at, end) });
    at = end;
  }
  return windows;
}

/** What a reader of the result must know; `null` where one window held all. */
export function describeWindows(tokens: number, windows: readonly Window[], room: number | null): string | null {
  if (windows.length < 2) return null;
  return `The text has ${tokens} tokens, and the context room for ${room}: it was read in ${windows.length} windows that overlap by half, so that a token stands after ${Math.floor(room! / 2)} to ${room! - 1} tokens of the text, not after all that come before it.`;
}
