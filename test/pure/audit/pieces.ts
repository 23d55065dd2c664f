/** Short ways to write tokens down in tests. */
import type { Piece } from '../../../src/audit/language-model.js';

const encoder = new TextEncoder();

export function bytesOf(content: string | readonly number[]): Uint8Array {
  return typeof content === 'string' ? encoder.encode(content) : Uint8Array.from(content);
}

export function piece(content: string | readonly number[], id = 0): Piece {
  return { id, bytes: bytesOf(content), control: false };
}

export function controlPiece(name: string, id = 0): Piece {
  return { id, bytes: bytesOf(name), control: true };
}

/** One token per text, ids counted from 1. */
export function pieces(...contents: (string | readonly number[])[]): Piece[] {
  return contents.map((content, index) => piece(content, index + 1));
}
