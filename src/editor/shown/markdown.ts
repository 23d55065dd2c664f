/** Markdown that is put together of our own words and anybody's text, which stays text. */
import { visibleLine } from '../../text/visible-text.js';
import { escapeMarkdown, escapeStart } from '../../records/report/markdown-text.js';

/** Made by {@link md} alone. */
export class Markdown {
  private constructor(readonly source: string) {}

  /** Template tag: what is written down is Markdown, every value is text, unless it is Markdown itself. */
  static readonly of = (words: TemplateStringsArray, ...values: readonly (string | number | Markdown)[]): Markdown =>
    new Markdown(
      words.map((word, index) => word + (index < values.length ? toSource(values[index]!, word.endsWith('\n') || (word === '' && index === 0)) : '')).join(''),
    );

  /** Text within a line. */
  static inline(text: string): Markdown {
    return new Markdown(escapeMarkdown(text));
  }

  /** Shown letter by letter, in one line. */
  static code(text: string): Markdown {
    const line = visibleLine(text);
    const fence = '`'.repeat(1 + Math.max(0, ...(line.match(/`+/g) ?? []).map((ticks) => ticks.length)));
    return new Markdown(`${fence} ${line} ${fence}`);
  }

  static join(parts: readonly Markdown[], between: '\n' | '  \n' | '\n\n' | ''): Markdown {
    return new Markdown(parts.map(({ source }) => source).join(between));
  }
}

export const md = Markdown.of;

function toSource(value: string | number | Markdown, beginsLine: boolean): string {
  if (value instanceof Markdown) return value.source;
  return beginsLine ? escapeStart(String(value)) : escapeMarkdown(String(value));
}
