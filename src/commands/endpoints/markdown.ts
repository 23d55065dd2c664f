/** Texts from servers inside Markdown: shown as they are, never as formatting, links or HTML. */

export function escapeMarkdown(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]()#+!|<>&~:@-]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** Cells are Markdown. */
export function makeTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
