/** Limits on how much of a file is read, whoever made it. */

/** Bytes of a file, and bytes that a compressed one may become; all of it is held in memory. */
export const BYTES_AT_MOST = 256 << 20;
/** Depth of lists and objects within each other. */
export const NESTING_AT_MOST = 200;
/** Columns of a table; one with more holds something else than completions or passages. */
export const COLUMNS_AT_MOST = 2000;
/** Rows of a table that are looked through for text. */
export const ROWS_AT_MOST = 500_000;
/** Completions of an import. All are held in memory: some hundred megabytes. */
export const RECORDS_AT_MOST = 300_000;
/** Elements of lists and fields of objects in a JSON file: each takes many times its bytes in memory. */
export const VALUES_AT_MOST = 8_000_000;
/** Different names of fields in a JSON file: a new name takes a hundred times longer to read than one seen before. */
export const NAMES_AT_MOST = 300_000;
/** Bytes of a row: in a longer one a quotation mark is not closed. */
export const ROW_BYTES_AT_MOST = 8 << 20;
/** Milliseconds of work before others get their turn. */
export const SLICE_MS = 15;
