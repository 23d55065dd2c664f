/** A loaded model's tokens as bytes, and which of them end what. */
import type { LlamaModel, Token } from 'node-llama-cpp';
import { AuditError } from '../../../audit/errors.js';
import type { Piece } from '../../../audit/language-model.js';
import { END_OF_TURN_NAMES } from '../../end-of-turn-names.js';
import type { GgufFile } from './gguf-inspection.js';

const utf8 = new TextEncoder();

export class Vocabulary {
  readonly size: number;
  private readonly texts: readonly string[];
  private readonly toBytes: (text: string) => Uint8Array;
  private readonly known = new Map<number, Piece>();
  private endOfText: ReadonlySet<number> | undefined;

  constructor(
    private readonly model: LlamaModel,
    file: GgufFile,
  ) {
    this.texts = file.value('tokenizer.ggml.tokens') as readonly string[];
    this.size = this.texts.length;
    this.toBytes = file.value('tokenizer.ggml.model') === 'gpt2' ? byteLevelBytes : sentencePieceBytes;
  }

  /** Throws `badPrefillFile` for an id outside the vocabulary. */
  piece(id: number): Piece {
    const known = this.known.get(id);
    if (known !== undefined) return known;
    const text = this.texts[id];
    if (text === undefined || !Number.isInteger(id)) {
      throw new AuditError('badPrefillFile', `Token id ${id} is outside this model's vocabulary of ${this.size} tokens.`);
    }
    const attributes = this.model.getTokenAttributes(id as Token);
    const control = attributes.control;
    const literal = control || attributes.userDefined || attributes.unknown || attributes.unused;
    const piece: Piece = { id, bytes: literal ? utf8.encode(text) : this.toBytes(text), control };
    this.known.set(id, piece);
    return piece;
  }

  /** Ids of a text. Control tokens' names in it are ordinary text unless `parseSpecial` is set. No BOS is added. */
  ids(text: string, parseSpecial: boolean): number[] {
    return this.model.tokenize(text, parseSpecial);
  }

  /** Pieces of a text, whose bytes joined are the text also where the tokenizer puts a space before it. */
  tokenize(text: string, parseSpecial: boolean): Piece[] {
    const pieces = this.ids(text, parseSpecial).map((id) => this.piece(id));
    const first = pieces[0];
    if (first === undefined || first.control || first.bytes[0] !== SPACE) return pieces;
    const length = pieces.reduce((sum, piece) => sum + piece.bytes.length, 0);
    if (length === utf8.encode(text).length + 1) pieces[0] = { ...first, bytes: first.bytes.slice(1) };
    return pieces;
  }

  /** Whether choosing this token ends a completion. */
  ends(id: number, stop: 'endOfTurn' | 'endOfText'): boolean {
    if (stop === 'endOfTurn') return this.model.isEogToken(id as Token);
    this.endOfText ??= this.findEndOfText();
    return this.endOfText.has(id);
  }

  private findEndOfText(): ReadonlySet<number> {
    const { eos, eot } = this.model.tokens;
    const ids = new Set<number>();
    for (let id = 0; id < this.size; id++) {
      if (id === eos) ids.add(id);
      else if (id !== eot && !END_OF_TURN_NAMES.has(this.texts[id]!) && this.model.isEogToken(id as Token)) ids.add(id);
    }
    return ids;
  }
}

const SPACE = 0x20;

/** The printable characters that stand for bytes in a byte-level vocabulary, as in GPT-2. */
const BYTE_OF_CHARACTER: ReadonlyMap<string, number> = new Map(
  Array.from({ length: 256 }, (_, byte) => byte).map((byte, _i, all) => {
    const printable = (b: number): boolean => (b >= 0x21 && b <= 0x7e) || (b >= 0xa1 && b <= 0xac) || b >= 0xae;
    const code = printable(byte) ? byte : 256 + all.slice(0, byte).filter((b) => !printable(b)).length;
    return [String.fromCodePoint(code), byte];
  }),
);

function byteLevelBytes(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const byte = BYTE_OF_CHARACTER.get(character);
    if (byte === undefined) bytes.push(...utf8.encode(character));
    else bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

function sentencePieceBytes(text: string): Uint8Array {
  const byte = /^<0x([0-9A-F]{2})>$/.exec(text)?.[1];
  return byte === undefined ? utf8.encode(text.replaceAll('▁', ' ')) : Uint8Array.of(Number.parseInt(byte, 16));
}
