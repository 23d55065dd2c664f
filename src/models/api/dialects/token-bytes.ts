/**
 * From what servers give for a token to its bytes. Some give them as numbers, some as text in one of several spellings,
 * and most have no text of its own for a token that ends inside a character. The joint text tells what these stand for.
 */
import { badAnswer } from './answers/bad-answer.js';
import { SPELLINGS, unspell, type Spelling } from './tokenizer/spelled-bytes.js';

/** A token as a server names it. */
export interface NamedToken {
  readonly id: number | null;
  /** As written in the answer; `null` where only the id is. */
  readonly text: string | null;
  /** Where the server tells them. */
  readonly bytes: Uint8Array | null;
}

/** What a token turned out to stand for. */
export interface FittedToken {
  /** Of a control token those of its name, as far as it is known. */
  readonly bytes: Uint8Array;
  readonly control: boolean;
}

const REPLACEMENT = '\uFFFD';
const LONGEST_CHARACTER = 4;
/** Bytes that a token may have beside the parts of characters in it. */
const MOST_BESIDE = 16;
const utf8 = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Reads one token out of an answer, in whichever spelling it is. */
export function nameToken(text: string, bytes?: readonly number[] | null, id?: number | null): NamedToken {
  // No bytes are no control token yet: a half character may have none either.
  if (bytes && bytes.length > 0 && !hasReplacementBytes(bytes)) return { id: id ?? null, text, bytes: Uint8Array.from(bytes) };
  const named = /^token_id:(\d{1,10})$/.exec(text)?.[1];
  if (named !== undefined) return { id: Number(named), text: null, bytes: null };
  if (text.startsWith('bytes:')) return { id: id ?? null, text, bytes: unescapeBytes(text.slice('bytes:'.length)) };
  return { id: id ?? null, text, bytes: null };
}

/** Some servers encode the text that they have already lost a half character in. */
function hasReplacementBytes(bytes: readonly number[]): boolean {
  return bytes.some((byte, k) => byte === 0xef && bytes[k + 1] === 0xbf && bytes[k + 2] === 0xbd);
}

/** `\xe2\x80` as bytes, other characters as their own. */
function unescapeBytes(text: string): Uint8Array {
  return Uint8Array.from(text.split(/(\\x[0-9a-f]{2})/i).flatMap((part, k) => (k % 2 === 1 ? [Number.parseInt(part.slice(2), 16)] : [...utf8.encode(part)])));
}

/**
 * The bytes of tokens that together are a text. A token that the text leaves out is a control token. Tokens of one
 * character whose own bytes nobody tells get equal shares of it: only their sum is certain. Tokens at the end that begin a
 * character which the text does not show are left out of the result.
 *
 * @param ended the model ended by itself, so that the last token may be the one that says so
 * @throws EndpointError `badAnswer` where they do not add up to it
 */
export function fitTokens(tokens: readonly NamedToken[], text: string, ended = false): FittedToken[] {
  const fitted = tryToFitTokens(tokens, text, ended);
  if (fitted === null) throw badAnswer('The tokens do not add up to the text');
  return fitted;
}

/** The same; `null` where they do not add up to the text. */
export function tryToFitTokens(tokens: readonly NamedToken[], text: string, ended = false): FittedToken[] | null {
  const plain = fitAsNamed(tokens, text, ended);
  if (plain !== null) return plain;
  for (const spelling of SPELLINGS) {
    const read = readSpelled(tokens, spelling);
    const fitted = read && fitAsNamed(read, text, ended);
    if (fitted) return fitted;
  }
  return null;
}

/** In which spelling tokens are the text; `null` where they are it as they stand, or in none. */
export function findSpelling(tokens: readonly NamedToken[], text: string, ended: boolean): Spelling | null {
  if (fitAsNamed(tokens, text, ended) !== null) return null;
  return SPELLINGS.find((spelling) => fitAsNamed(readSpelled(tokens, spelling) ?? [], text, ended) !== null) ?? null;
}

/** Tokens that a server names as its vocabulary spells them; `null` where they are in no such spelling. */
export function readSpelled<T extends NamedToken>(tokens: readonly T[], spelling: Spelling): T[] | null {
  const read = tokens.map((token): T | null => {
    if (token.text === null || looksLikeControl(token)) return token;
    const plain = unspell(token.text, spelling);
    return plain && { ...token, ...plain };
  });
  return read.every((token) => token !== null) ? read : null;
}

function fitAsNamed(tokens: readonly NamedToken[], text: string, ended: boolean): FittedToken[] | null {
  return fitExactly(tokens, text) ?? fitToText(tokens, text, ended);
}

/** Every token's bytes are told: they need only agree with the text, as far as the text can show them. */
function fitExactly(tokens: readonly NamedToken[], text: string): FittedToken[] | null {
  if (!tokens.every(({ bytes }) => bytes !== null)) return null;
  for (const isControl of [() => false, looksLikeControl]) {
    const fitted = tokens.map((token) => ({ bytes: token.bytes!, control: isControl(token) }));
    const joint = decoder.decode(join(fitted.filter(({ control }) => !control).map(({ bytes }) => bytes)));
    if (isSameText(joint, text)) return fitted;
  }
  return null;
}

/** A name that no ordinary token is likely to have: `<|end|>`, `<｜end▁of▁sentence｜>`, `</s>`, `<end_of_turn>`, `[INST]`. */
export function looksLikeControl({ text }: Pick<NamedToken, 'text'>): boolean {
  return text !== null && /^(<[|｜].*[|｜]>|<\/?s>|<(bos|eos|pad|unk|mask|eot|eom)>|<(start|end)_of_\w+>|<turn\|>|<\|turn>|\[\/?[A-Z_]{2,}\])$/.test(text);
}

/** A half character at the end may be shown or left away, and templates cut blanks off a text's ends. */
function isSameText(joint: string, text: string): boolean {
  if (joint === text) return true;
  return withoutHalf(joint) === withoutHalf(text) || withoutHalf(joint).trim() === withoutHalf(text).trim();
}

function withoutHalf(text: string): string {
  let end = text.length;
  while (text[end - 1] === REPLACEMENT) end--;
  return text.slice(0, end);
}

/**
 * What a search may cost: bytes and tokens looked at. Texts are fitted nearly without a step back; what needs more than so many
 * for each byte and token was made to take long.
 */
class Effort {
  #left: number;

  constructor(size: number) {
    this.#left = EFFORT_FOR_ANY + EFFORT_PER_BYTE * size;
  }

  /** Whether there is some left. */
  spend(cost: number): boolean {
    this.#left -= cost;
    return this.#left >= 0;
  }
}

const EFFORT_FOR_ANY = 100_000;
const EFFORT_PER_BYTE = 200;

/** One way on from a place: what it takes the next tokens for, and the place behind them. */
interface Step {
  readonly fitted: readonly FittedToken[];
  readonly index: number;
  readonly position: number;
  /** What is left belongs to a character that the text does not show. */
  readonly ends?: true;
}

/** A step that was taken, and the ways on from where it led. */
interface Taken {
  readonly fitted: readonly FittedToken[];
  readonly place: number;
  readonly ways: Iterator<Step>;
}

/**
 * Walks over text and tokens side by side, back where it goes no further. Tokens with a text of their own are looked for at
 * the place; what lies between two of them belongs to the unknown ones between. The stack is a list: texts have thousands of
 * tokens.
 */
function fitToText(tokens: readonly NamedToken[], text: string, ended: boolean): FittedToken[] | null {
  const shown = withoutHalf(text);
  if (shown.includes(REPLACEMENT)) return null;
  const target = utf8.encode(shown);
  const failed = new Set<number>();
  const effort = new Effort(target.length + tokens.length);
  const enter = ({ fitted, index, position }: Step): Taken => ({
    fitted,
    place: index * (target.length + 1) + position,
    ways: index === tokens.length ? [].values() : stepsFrom({ tokens, target, ended, effort }, index, position),
  });
  if (tokens.length === 0) return target.length === 0 ? [] : null;
  const taken = [enter({ fitted: [], index: 0, position: 0 })];
  while (taken.length > 0) {
    if (!effort.spend(1)) return null;
    const { place, ways } = taken.at(-1)!;
    const { done, value: step } = ways.next();
    if (done === true) {
      failed.add(place);
      taken.pop();
      continue;
    }
    if (step.ends || (step.index === tokens.length && step.position === target.length)) {
      return [...taken.flatMap(({ fitted }) => fitted), ...step.fitted];
    }
    const next = enter(step);
    if (!failed.has(next.place)) taken.push(next);
  }
  return null;
}

interface Search {
  readonly tokens: readonly NamedToken[];
  readonly target: Uint8Array;
  readonly ended: boolean;
  readonly effort: Effort;
}

/** The likeliest first; found as they are asked for, since the first is nearly always the right one. */
function* stepsFrom({ tokens, target, ended, effort }: Search, index: number, position: number): Generator<Step, void, void> {
  const token = tokens[index]!;
  if (!effort.spend(1 + (token.text?.length ?? 0))) return;
  for (const bytes of readingsAt(token, target, position)) {
    yield { fitted: [{ bytes, control: false }], index: index + 1, position: position + bytes.length };
  }
  const unknown = countUnknown(tokens, index);
  if (unknown > 0) {
    if (!effort.spend(unknown)) return;
    const unknownTokens = tokens.slice(index, index + unknown);
    if (!ended && index + unknown === tokens.length && startsWith(headOf(unknownTokens[0]!), target.subarray(position), 0)) {
      yield { fitted: [], index: tokens.length, position, ends: true };
    }
    // The last ones take all that is left.
    const shortest = index + unknown === tokens.length ? Math.max(unknown, target.length - position) : unknown;
    for (let length = shortest; length <= LONGEST_CHARACTER * unknown + MOST_BESIDE && position + length <= target.length; length++) {
      if (!effort.spend(length)) return;
      const run = target.subarray(position, position + length);
      if (agrees(unknownTokens, run)) yield { fitted: share(run, unknownTokens), index: index + unknown, position: position + length };
    }
  }
  // A token that the text leaves out.
  if (token.text !== null && (looksLikeControl(token) || (ended && token.text === '' && index === tokens.length - 1))) {
    yield { fitted: [{ bytes: utf8.encode(token.text), control: true }], index: index + 1, position };
  }
}

/** What a token with a text or bytes of its own may be at this place. */
function readingsAt({ text, bytes }: NamedToken, target: Uint8Array, position: number): Uint8Array[] {
  const candidates: Uint8Array[] = [];
  if (bytes !== null) candidates.push(bytes);
  else if (text !== null && text !== '' && !text.includes(REPLACEMENT)) {
    candidates.push(utf8.encode(text));
    if (/\\x[0-9a-f]{2}/i.test(text)) candidates.push(unescapeBytes(text));
    // Decoded alone, the first piece of a word loses the blank before it in some vocabularies.
    candidates.push(utf8.encode(` ${text}`));
    // Where a vocabulary puts a blank before every text, the text itself goes without.
    if (position === 0 && text.startsWith(' ')) candidates.push(utf8.encode(text.slice(1)));
  }
  return candidates.filter((candidate) => candidate.length > 0 && startsWith(target, candidate, position));
}

/**
 * Tokens from here on without a text of their own, empty or with a half character, that may share characters: what one shows
 * before its first half character or behind its last one ends the others'.
 */
function countUnknown(tokens: readonly NamedToken[], index: number): number {
  let count = 0;
  for (; index + count < tokens.length && isUnknown(tokens[index + count]!); count++) {
    const before = count === 0 ? null : tokens[index + count - 1]!;
    if (before !== null && (tailOf(before).length > 0 || headOf(tokens[index + count]!).length > 0)) return count;
  }
  // An empty token is part of the character that the next one completes.
  const next = tokens[index + count];
  if (count > 0 && next !== undefined && tokens[index + count - 1]!.text === '' && isWholeCharacter(next)) count++;
  return count;
}

function isUnknown({ text, bytes }: NamedToken): boolean {
  return bytes === null && (text === null || text === '' || text.includes(REPLACEMENT));
}

function isWholeCharacter({ text }: NamedToken): boolean {
  return text !== null && text !== '' && text.charCodeAt(0) > 0x7f;
}

/** Whether the known beginning and end of a run of unknown tokens are those of the bytes. */
function agrees(tokens: readonly NamedToken[], run: Uint8Array): boolean {
  const head = headOf(tokens[0]!);
  const tail = tailOf(tokens[tokens.length - 1]!);
  if (!startsWith(run, head, 0) || !startsWith(run, tail, run.length - tail.length)) return false;
  // A replacement character always stands for part of a character; whole characters are given as they are.
  const inner = run.subarray(head.length, run.length - tail.length);
  return inner.length > 0 && inner.every((byte) => byte > 0x7f) && isWhole(run);
}

function headOf({ text }: NamedToken): Uint8Array {
  return utf8.encode(text?.includes(REPLACEMENT) ? text.slice(0, text.indexOf(REPLACEMENT)) : '');
}

/** What stands behind the character that a token completes. */
function tailOf({ text }: NamedToken): Uint8Array {
  if (text === null) return new Uint8Array();
  return utf8.encode(text.includes(REPLACEMENT) ? text.slice(text.lastIndexOf(REPLACEMENT) + 1) : text.replace(/^\P{ASCII}+/u, ''));
}

function isWhole(bytes: Uint8Array): boolean {
  return !decoder.decode(bytes).includes(REPLACEMENT);
}

/** Equal shares of what is between the known beginning and end, the rest to the last. */
function share(run: Uint8Array, tokens: readonly NamedToken[]): FittedToken[] {
  const head = headOf(tokens[0]!).length;
  const inner = run.length - head - tailOf(tokens.at(-1)!).length;
  const size = Math.floor(inner / tokens.length);
  const ends = tokens.map((_token, k) => (k === tokens.length - 1 ? run.length : head + (k + 1) * size));
  return ends.map((end, k) => ({ bytes: run.slice(k === 0 ? 0 : ends[k - 1], end), control: false }));
}

function startsWith(bytes: Uint8Array, part: Uint8Array, position: number): boolean {
  return position >= 0 && position + part.length <= bytes.length && part.every((byte, k) => byte === bytes[position + k]);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}
