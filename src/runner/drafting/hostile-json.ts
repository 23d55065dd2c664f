/** JSON for readers that are language models, of texts that the model under audit wrote. */

/**
 * One line. What is not to be seen, and what could pass for a line's end somewhere, is written out; it is valid JSON of the
 * same value.
 */
export function formatHostileJson(value: object): string {
  return JSON.stringify(value).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu, (sign) =>
    Array.from({ length: sign.length }, (_, unit) => `\\u${sign.charCodeAt(unit).toString(16).padStart(4, '0')}`).join(''),
  );
}
