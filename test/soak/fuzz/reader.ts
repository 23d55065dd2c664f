/** One way in which the program reads something from outside, as the fuzz harness drives it. */
export interface Seed {
  /** What an input made from it is called where its name matters. */
  readonly name: string;
  readonly bytes: Buffer;
  /** Bytes at its beginning that are worth changing; all where it is left out. */
  readonly head?: number;
}

export interface Reader {
  readonly name: string;
  /** @param folder empty, for this reader alone */
  prepare(folder: string): Promise<PreparedReader> | PreparedReader;
}

export interface PreparedReader {
  readonly seeds: readonly Seed[];
  /** How a JSON line is written that was changed. */
  readonly writeLine?: (json: string) => string;
  /** Reads an input in all ways in which the program does. Throws what a reader threw that is no refusal. */
  run(bytes: Buffer, seed: Seed): Promise<void> | void;
}
