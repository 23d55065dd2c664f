/** Limits on how much of a file is read, whoever made it. */

/** Bytes of a file, and bytes that a compressed one may become; all of it is held in memory. */
export const BYTES_AT_MOST = 256 << 20;
/** Lists and objects within each other. */
export const NESTING_AT_MOST = 200;
/** A table with more is none of completions or passages. */
export const COLUMNS_AT_MOST = 2000;
/** Rows of a table that are looked through for text. */
export const ROWS_AT_MOST = 500_000;
/** Completions of an import, all of which are held in memory: some hundred megabytes. Nobody reads as many. */
export const RECORDS_AT_MOST = 300_000;
/** Elements of lists and fields of objects in a file of JSON: one in a few bytes takes many times its room in memory. */
export const VALUES_AT_MOST = 8_000_000;
/** Different names of fields in a file of JSON: each takes a hundred times longer to read than one that was there before. */
export const NAMES_AT_MOST = 300_000;
/** Longer than any text is a row whose quotation marks do not match. In bytes. */
export const ROW_BYTES_AT_MOST = 8 << 20;
/** Milliseconds of work after which others have their turn. */
export const SLICE_MS = 15;
