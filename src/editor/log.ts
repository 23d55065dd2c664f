/** The extension's log channel. */
export interface Log {
  info(text: string): void;
  warn(text: string): void;
  error(text: string | Error): void;
  show(): void;
}
