/**
 * Confirmation of what was written amplified: plain F goes on, greedily, from a few tokens into the peak, and answers a question that puts
 * the peak's words to it. Whether it finishes the thought by itself is judged in `analysis/confirmed.ts`.
 */
import type { MeasuredRecord } from './completion.js';
import type { Piece } from './language-model.js';
import { textsOfTokens } from '../text/utf8.js';
import { segmentWords } from '../text/words.js';

/** Of the peak, so many tokens are given to F. */
export const GIVEN_OF_PEAK = 4;
/** Tokens that F goes on for, and answers with, at most. */
export const CONFIRMATION_TOKENS = 48;
/** UTF-16 units of a question at most. */
export const QUESTION_AT_MOST = 500;
/** Stands in an edited question for the peak's words. */
export const WORDS_PLACEHOLDER = '{words}';
const WORDS_AT_MOST = 120;

/** What plain F said to one amplified completion; both texts are scored under F and R. */
export interface Confirmation {
  /** Of the amplified completion, in its pass. */
  readonly id: number;
  /** Its prefill is all that F was given of the amplified text, opening and all. Of a dialogue's answer, the answer alone. */
  readonly continuation: MeasuredRecord;
  readonly question: string;
  readonly answer: MeasuredRecord;
}

/** Where F takes over: index of the first token that it is not given. At least one of the peak is left to it. */
export function handOver(peak: readonly [from: number, to: number]): number {
  return Math.min(peak[0] + GIVEN_OF_PEAK, peak[1] - 1);
}

/** The peak's text in whole words, on one line; `''` where it has none. */
export function wordsOfPeak(tokens: readonly Piece[], [from, to]: readonly [from: number, to: number]): string {
  const texts = textsOfTokens(tokens).map((text, index) => (tokens[index]!.control ? ' ' : text));
  const start = texts.slice(0, from).join('').length;
  const end = start + texts.slice(from, to).join('').length;
  const text = texts.join('');
  const words = segmentWords(text).filter((word) => word.end > start && word.start < end);
  let last = words.length - 1;
  while (last > 0 && words[last]!.end - words[0]!.start > WORDS_AT_MOST) last--;
  return words.length === 0 ? '' : text.slice(words[0]!.start, Math.min(words[last]!.end, words[0]!.start + WORDS_AT_MOST)).replace(/\s+/g, ' ');
}

interface Language {
  /** With {@link WORDS_PLACEHOLDER}. */
  readonly question: string;
  /** That a text has letters of the script, or some of the commonest words. */
  readonly sign: RegExp;
}

/** Scripts first; of languages that share one, that with the most of its commonest words. */
const SCRIPTS: readonly Language[] = [
  { question: '“{words}”について何を知っていますか。', sign: /[\u3040-\u30ff]/gu },
  { question: '“{words}”에 대해 무엇을 알고 있나요?', sign: /\p{Script=Hangul}/gu },
  { question: '关于“{words}”，你知道什么？', sign: /\p{Script=Han}/gu },
  { question: 'Что ты знаешь о «{words}»?', sign: /\p{Script=Cyrillic}/gu },
];
const ENGLISH: Language = { question: 'What do you know about “{words}”?', sign: /\b(?:the|and|of|is|to|that|you|with|are|was)\b/gu };
const LATIN: readonly Language[] = [
  ENGLISH,
  { question: 'Was weißt du über „{words}“?', sign: /\b(?:der|die|das|und|ist|nicht|ein|eine|mit|zu)\b/gu },
  { question: 'Que sais-tu de « {words} » ?', sign: /\b(?:le|la|les|des|et|est|une|dans|pour|que)\b/gu },
  { question: '¿Qué sabes de «{words}»?', sign: /\b(?:el|los|las|una|y|es|por|con|para|que)\b/gu },
  { question: 'Che cosa sai di «{words}»?', sign: /\b(?:il|gli|di|che|una|è|per|con|non|sono)\b/gu },
  { question: 'O que você sabe sobre “{words}”?', sign: /\b(?:o|os|uma|não|é|do|da|com|para|que)\b/gu },
];
/** Of a text's letters, this share makes it a text of their script. */
const SCRIPT_SHARE = 0.3;

/** The question in the completion's language as far as that shows, else in English; the peak's words are still to be put in. */
export function chooseQuestion(text: string): string {
  const count = (sign: RegExp) => [...text.matchAll(sign)].length;
  const letters = Math.max(1, count(/\p{L}/gu));
  const byScript = SCRIPTS.find(({ sign }) => count(sign) / letters >= SCRIPT_SHARE);
  if (byScript) return byScript.question;
  const lower = text.toLowerCase();
  const counted = LATIN.map((language) => ({ language, words: [...lower.matchAll(language.sign)].length }));
  return counted.reduce((best, one) => (one.words > best.words ? one : best)).language.question;
}

/** The question as F is asked it. */
export function putQuestion(question: string, words: string): string {
  return question.replaceAll(WORDS_PLACEHOLDER, () => words).slice(0, QUESTION_AT_MOST);
}
