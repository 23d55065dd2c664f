/** A regular expression as instructions of a machine that reads one character at a time. */

/** Where instructions are linked, the number is the index of one. */
export type Instruction =
  /** Reads a character that the test accepts. */
  | { readonly kind: 'read'; readonly accepts: (codePoint: number) => boolean }
  /** Goes on without reading where the place is right. */
  | { readonly kind: 'assert'; readonly what: Assertion }
  /** Goes on at the first; where that does not come to a match, at the second. */
  | { readonly kind: 'split'; first: number; second: number }
  | { readonly kind: 'jump'; to: number }
  | { readonly kind: 'match' };

export type Assertion = 'start' | 'end' | 'lineStart' | 'lineEnd' | 'wordBoundary' | 'notWordBoundary';

/** The tree that a pattern is parsed into. */
export type PatternNode =
  | { readonly kind: 'character'; readonly accepts: (codePoint: number) => boolean }
  | { readonly kind: 'assertion'; readonly what: Assertion }
  | { readonly kind: 'sequence'; readonly nodes: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly options: readonly PatternNode[] }
  | { readonly kind: 'repeat'; readonly node: PatternNode; readonly least: number; readonly most: number; readonly greedy: boolean };

/** Counted repetitions are written out; more instructions than this are no pattern to search ten thousand texts with. */
export const MOST_INSTRUCTIONS = 1000;

/** `null` where it would take more than {@link MOST_INSTRUCTIONS}. */
export function compileProgram(root: PatternNode): readonly Instruction[] | null {
  const program: Instruction[] = [];
  if (!emit(root, program)) return null;
  program.push({ kind: 'match' });
  return program;
}

/** Appends the node's instructions, which end by running on into what follows. False where there are too many. */
function emit(node: PatternNode, program: Instruction[]): boolean {
  if (program.length >= MOST_INSTRUCTIONS) return false;
  switch (node.kind) {
    case 'character':
      program.push({ kind: 'read', accepts: node.accepts });
      return true;
    case 'assertion':
      program.push({ kind: 'assert', what: node.what });
      return true;
    case 'sequence':
      return node.nodes.every((part) => emit(part, program));
    case 'choice':
      return emitChoice(node.options, program);
    case 'repeat':
      return emitRepeat(node, program);
  }
}

function emitChoice(options: readonly PatternNode[], program: Instruction[]): boolean {
  const jumps: { kind: 'jump'; to: number }[] = [];
  for (const [index, option] of options.entries()) {
    const isLast = index === options.length - 1;
    const split = { kind: 'split' as const, first: program.length + 1, second: 0 };
    if (!isLast) program.push(split);
    if (!emit(option, program)) return false;
    if (isLast) break;
    const jump = { kind: 'jump' as const, to: 0 };
    jumps.push(jump);
    program.push(jump);
    split.second = program.length;
  }
  for (const jump of jumps) jump.to = program.length;
  return true;
}

function emitRepeat({ node, least, most, greedy }: PatternNode & { kind: 'repeat' }, program: Instruction[]): boolean {
  for (let count = 0; count < least; count++) {
    const before = program.length;
    if (!emit(node, program)) return false;
    // Nothing, however often.
    if (program.length === before) return true;
  }
  const leave: ((to: number) => void)[] = [];
  const split = (): void => {
    const instruction = { kind: 'split' as const, first: program.length + 1, second: program.length + 1 };
    program.push(instruction);
    leave.push((to) => {
      if (greedy) instruction.second = to;
      else instruction.first = to;
    });
  };
  if (most === Infinity) {
    const again = program.length;
    split();
    if (!emit(node, program)) return false;
    program.push({ kind: 'jump', to: again });
  } else {
    for (let count = least; count < most; count++) {
      split();
      if (!emit(node, program)) return false;
    }
  }
  for (const set of leave) set(program.length);
  return true;
}
