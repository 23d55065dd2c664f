/** Text of any origin as a line of the editor's lists, which draw `$(name)` as an icon. */

/** The same to the eye, as text: a character without width stands where an icon's name would begin. */
export function breakIcons(text: string): string {
  return text.replaceAll('$(', '$\u2060(');
}
