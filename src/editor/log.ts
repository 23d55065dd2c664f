/** Where the extension says what it did, for who looks for it. */
export interface Log {
  info(text: string): void;
  warn(text: string): void;
  error(text: string | Error): void;
  show(): void;
}
