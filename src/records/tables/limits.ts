/** How much of a file is read, whoever made it. */

/** Bytes of a file, and bytes that a compressed one may become; all of it is held in memory. */
export const BYTES_AT_MOST = 256 << 20;
/** Lists and objects within each other. */
export const NESTING_AT_MOST = 200;
/** A table with more is none of completions or passages. */
export const COLUMNS_AT_MOST = 2000;
/** Rows of a table. */
export const ROWS_AT_MOST = 2_000_000;
/** Longer than any text is a row whose quotation marks do not match. In bytes. */
export const ROW_BYTES_AT_MOST = 8 << 20;
/** Milliseconds of work after which others have their turn. */
export const SLICE_MS = 15;
