/**
 * The date that every chat template sees: Friday, 26 July 2024, midnight, which is also what the templates of Llama 3
 * fall back to where nobody tells them the date. Today's would make another prompt of the same plan every day.
 */

/** Directives of C's `strftime` in the C locale; Jinja templates take them from Python. */
const DIRECTIVES: Readonly<Record<string, string>> = {
  a: 'Fri',
  A: 'Friday',
  w: '5',
  u: '5',
  d: '26',
  e: '26',
  b: 'Jul',
  h: 'Jul',
  B: 'July',
  m: '07',
  y: '24',
  Y: '2024',
  j: '208',
  H: '00',
  I: '12',
  M: '00',
  S: '00',
  f: '000000',
  p: 'AM',
  Z: 'UTC',
  z: '+0000',
  c: 'Fri Jul 26 00:00:00 2024',
  D: '07/26/24',
  F: '2024-07-26',
  x: '07/26/24',
  T: '00:00:00',
  X: '00:00:00',
  R: '00:00',
  '%': '%',
};

/** The fixed date as `strftime` writes it; a hyphen (`%-m`) leaves leading zeros out. Unknown directives stay as they are. */
export function formatFixedDate(format: string): string {
  return format.replace(/%(-?)([A-Za-z%])/g, (directive, bare: string, letter: string) => {
    const value = DIRECTIVES[letter];
    if (value === undefined) return directive;
    return bare === '' ? value : value.replace(/^0+(?=\d)/, '');
  });
}
