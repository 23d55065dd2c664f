/** The fastest row arithmetic that this JavaScript engine has. */
import { createPlainRowMath } from './plain-row-math.js';
import code from './row-kernels.as';
import type { RowMath } from './row-math.js';
import { createSimdRowMath } from './simd-row-math.js';

/** @param size elements of a row: the tokens of a vocabulary */
export function createRowMath(size: number): RowMath {
  try {
    return createSimdRowMath(code, size);
  } catch {
    return createPlainRowMath(size);
  }
}
