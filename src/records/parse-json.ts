/** JSON from outside. */

/** Deeper than anything that this program or its kin writes; what goes through values by calling itself copes with it. */
export const JSON_DEPTH_AT_MOST = 100;

/**
 * The value of a text. Time and memory are linear in its length.
 * @throws SyntaxError where it is no JSON, or lists and objects stand within each other more than {@link JSON_DEPTH_AT_MOST} deep
 */
export function parseJson(text: string): unknown {
  if (isNestedDeeply(text)) throw new SyntaxError(`Lists and objects are nested more than ${JSON_DEPTH_AT_MOST} deep`);
  return JSON.parse(text);
}

/** Whether a line without its newline was written whole. */
export function isJson(text: string): boolean {
  try {
    parseJson(text);
    return true;
  } catch {
    return false;
  }
}

function isNestedDeeply(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: // "
        at = findStringEnd(text, at);
        break;
      case 0x5b: // [
      case 0x7b: // {
        if (++depth > JSON_DEPTH_AT_MOST) return true;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth--;
    }
  }
  return false;
}

function findStringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 0x5c) at++;
    else if (unit === 0x22) return at;
  }
  return text.length;
}
