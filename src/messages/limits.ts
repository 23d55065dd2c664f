/** Limits on what people enter on the page, kept by page and host: characters, unless said otherwise. */
export const LONGEST_CATEGORY = 200;
export const LONGEST_NOTE = 20_000;
export const LONGEST_STATEMENT = 20_000;
