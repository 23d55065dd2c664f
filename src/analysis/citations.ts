/**
 * Checks a conclusion that a language model drafted: every claim must cite completions, and every one that is cited must
 * be there. Whether they bear the claim out is for the reader to judge.
 *
 * A draft is text, in which a claim (a sentence or a list item) cites as `[#12]` or `[#12, #14]`, or it is JSON:
 * `{"statement": …, "confidence": …, "citations": [12]}` or `{"confidence": …, "claims": [{"text": …, "citations": [12]}]}`,
 * with or without a fence around it. Citations of an object are those of its text where that is one claim.
 */
import { CONFIDENCES, type Confidence } from './finding.js';

export interface CheckedDraft {
  /** The draft as text, its claims with their citations as `[#12]`. */
  readonly statement: string;
  /** As the draft says; `null` where it does not, or not in a word that is known. */
  readonly confidence: Confidence | null;
  /** Completions that are cited and there, in the order of their first citation. */
  readonly citations: readonly number[];
  /** What is wrong with the draft, in words; empty where it can stand. */
  readonly problems: readonly string[];
}

interface Claim {
  readonly text: string;
  readonly cited: readonly number[];
}

interface Draft {
  readonly statement: string;
  readonly confidence: string | null;
  readonly claims: readonly Claim[];
  readonly problems: readonly string[];
}

const MARK = /\[\s*#\d+(?:\s*[,;]\s*#?\d+)*\s*\]/gu;
/** What looks like a citation and is none. A mark holds no mark, so that what is never closed is not read again from every beginning. */
const BAD_MARK = /\[\s*#[^[\]\n]*\]/gu;
/** Marks that follow a sentence's end belong to that sentence. */
const MARKS_AFTER_END = /(?<![.!?。！？])([.!?。！？]+)([ \t]*)((?:\[\s*#\d[^[\]\n]*\][ \t]*)+)/gu;
const FENCE = /^```[\w-]*[ \t]*\n([\s\S]*)```$/u;
const CONFIDENCE_LINE = /^[ \t>*_-]*confidence[*_]*[ \t]*[:=][ \t*_]*(\p{L}+)[ \t*_.]*$/imu;
const INCONCLUSIVE = /^[\s>*_#"'“-]*(?:the audit is |the evidence is |this is )?inconclusive\b/iu;
const LIST_ITEM = /^\s*(?:[-*+•]|\d+[.)])\s+/u;
/** Headings, rules and fences say nothing. */
const NO_CLAIM = /^\s*(?:#{1,6}\s.*|[-*_=]{3,}\s*|`{3}.*)$/u;
/** What only says that something follows. */
const INTRODUCTION = /^[^[\]]*:\s*$/u;
/** What a full stop does not end a sentence after. */
const ABBREVIATION = /(?:^|[\s(])(?:e\.g|i\.e|etc|cf|vs|mr|mrs|ms|dr|prof|st|no|fig|approx|resp)\.\s*$/iu;
const LONGEST_QUOTE = 80;

/** @param completions those that may be cited */
export function checkCitations(text: string, completions: { has(id: number): boolean }): CheckedDraft {
  const source = FENCE.exec(text.trim())?.[1] ?? text;
  const draft = readJson(source) ?? readText(source);
  const confidence = CONFIDENCES.find((known) => known === draft.confidence?.toLowerCase()) ?? (INCONCLUSIVE.test(draft.statement) ? 'inconclusive' : null);
  const problems = [...draft.problems];
  if (draft.confidence !== null && confidence === null) {
    problems.push(`“${shorten(draft.confidence)}” is no confidence: it is ${CONFIDENCES.slice(0, -1).join(', ')} or ${CONFIDENCES.at(-1)}.`);
  }
  if (draft.claims.length === 0 && confidence !== 'inconclusive') problems.push('The draft says nothing.');
  const cited = [...new Set(draft.claims.flatMap((claim) => claim.cited))];
  for (const id of cited) if (!completions.has(id)) problems.push(`There is no completion #${id}.`);
  if (confidence !== 'inconclusive') {
    for (const claim of draft.claims) if (claim.cited.length === 0) problems.push(`“${shorten(claim.text)}” cites no completion.`);
  }
  return { statement: draft.statement, confidence, citations: cited.filter((id) => completions.has(id)), problems };
}

/** The completions that a text cites as `[#12]`, in order, each once. */
export function findCitations(text: string): number[] {
  return [...new Set(Array.from(text.matchAll(MARK), ([mark]) => Array.from(mark.matchAll(/\d+/gu), ([id]) => Number(id))).flat())];
}

function readText(source: string): Draft {
  const confidence = CONFIDENCE_LINE.exec(source);
  const statement = (confidence ? source.replace(confidence[0], '') : source).trim();
  return { statement, confidence: confidence?.[1] ?? null, claims: splitClaims(statement).map(readClaim), problems: findBadMarks(statement) };
}

/** `null` where it is no JSON of an object; text then. */
function readJson(source: string): Draft | null {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    return null;
  }
  if (!isObject(value)) return null;
  const problems: string[] = [];
  const confidence = typeof value.confidence === 'string' ? value.confidence : null;
  const claims: Claim[] = [];
  const lines: string[] = [];
  const read = (text: string, citations: unknown): string => {
    problems.push(...findBadMarks(text));
    const listed = readIds(citations, problems);
    const parts = splitClaims(text).map(readClaim);
    const [only] = parts;
    if (only && parts.length === 1) {
      const missing = listed.filter((id) => !only.cited.includes(id));
      claims.push({ text: only.text, cited: [...only.cited, ...missing] });
      return missing.length === 0 ? text.trim() : `${text.trim()} [${missing.map((id) => `#${id}`).join(', ')}]`;
    }
    claims.push(...parts);
    const cited = new Set(parts.flatMap((part) => part.cited));
    for (const id of listed) if (!cited.has(id)) problems.push(`#${id} is listed as a citation, but no claim cites it.`);
    return text.trim();
  };
  if (typeof value.statement === 'string') lines.push(read(value.statement, value.citations));
  for (const claim of Array.isArray(value.claims) ? (value.claims as unknown[]) : []) {
    const text = isObject(claim) ? (claim.text ?? claim.claim ?? claim.statement) : claim;
    if (typeof text === 'string') lines.push(`- ${read(text, isObject(claim) ? claim.citations : undefined)}`);
    else problems.push(`“${shorten(JSON.stringify(claim))}” is no claim: it has no text.`);
  }
  return { statement: lines.filter((line) => line !== '').join('\n'), confidence, claims, problems };
}

function readIds(citations: unknown, problems: string[]): number[] {
  if (citations === undefined || citations === null) return [];
  return (Array.isArray(citations) ? (citations as unknown[]) : [citations]).flatMap((citation) => {
    const [, digits] = /^\s*\[?\s*#?(\d+)\s*\]?\s*$/u.exec(String(citation)) ?? [];
    if (digits !== undefined) return [Number(digits)];
    problems.push(`“${shorten(JSON.stringify(citation))}” is no completion id.`);
    return [];
  });
}

/** Sentences and list items, without what says nothing; a citation that stands alone belongs to what is before it. */
function splitClaims(text: string): string[] {
  const claims: string[] = [];
  for (const { isItem, lines } of splitBlocks(text)) {
    const block = lines.join(' ').replace(MARKS_AFTER_END, (_, end: string, __, marks: string) => ` ${marks.trim()}${end} `);
    for (const part of isItem ? [block] : splitSentences(block)) {
      const claim = part.trim();
      if (/[\p{L}\p{N}]/u.test(claim.replace(MARK, ''))) claims.push(claim);
      else if (claims.length > 0) claims[claims.length - 1] += ` ${claim}`;
    }
  }
  return claims.filter((claim) => !INTRODUCTION.test(claim));
}

/** Paragraphs and list items. */
function splitBlocks(text: string): { isItem: boolean; lines: string[] }[] {
  const blocks: { isItem: boolean; lines: string[] }[] = [];
  let open = false;
  for (const line of text.split('\n')) {
    const isItem = LIST_ITEM.test(line);
    if (line.trim() === '' || NO_CLAIM.test(line)) open = false;
    else if (isItem || !open) {
      blocks.push({ isItem, lines: [line.replace(LIST_ITEM, '')] });
      open = true;
    } else blocks.at(-1)!.lines.push(line);
  }
  return blocks;
}

/** The segmenter takes time with the square of a text's length: a paragraph longer than this is cut, wherever it may be. In UTF-16 units. */
const SEGMENTED_AT_ONCE = 4000;

function splitSentences(block: string): string[] {
  const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });
  const sentences: string[] = [];
  for (let start = 0; start < block.length; start += SEGMENTED_AT_ONCE) {
    for (const { segment } of segmenter.segment(block.slice(start, start + SEGMENTED_AT_ONCE))) {
      const last = sentences.at(-1);
      if (last !== undefined && ABBREVIATION.test(last)) sentences[sentences.length - 1] = last + segment;
      else sentences.push(segment);
    }
  }
  return sentences;
}

function readClaim(text: string): Claim {
  return { text, cited: findCitations(text) };
}

function findBadMarks(text: string): string[] {
  return Array.from(text.matchAll(BAD_MARK), ([mark]) => mark)
    .filter((mark) => mark.replace(MARK, '') !== '')
    .map((mark) => `“${shorten(mark)}” is no citation: write [#12].`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shorten(text: string): string {
  const characters = [...text.replace(/\s+/gu, ' ').trim()];
  return characters.length <= LONGEST_QUOTE ? characters.join('') : `${characters.slice(0, LONGEST_QUOTE - 1).join('')}…`;
}
