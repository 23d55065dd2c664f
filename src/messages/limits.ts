/** How much of each the page lets somebody enter, and the host takes from it: characters, unless said otherwise. */
export const LONGEST_CATEGORY = 200;
export const LONGEST_NOTE = 20_000;
export const LONGEST_STATEMENT = 20_000;
