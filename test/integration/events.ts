/** What the extension host tells the runner outside, one JSON line each. */
export type SuiteEvent =
  | { readonly type: 'passed' | 'skipped'; readonly title: string; readonly milliseconds: number }
  | { readonly type: 'failed'; readonly title: string; readonly milliseconds: number; readonly error: string }
  | { readonly type: 'end' };
