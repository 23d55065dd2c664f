/**
 * Completions as read-only files: what an editor shows of them is kept over a restart of the window, and nobody can change
 * it by accident.
 */
import { EventEmitter, FileSystemError, FileType, type FileChangeEvent, type FileStat, type FileSystemProvider, type Uri } from 'vscode';
import type { OpenAudits } from '../open-audits.js';
import { makeCompletionText } from './completion-text.js';
import { readCompletionUri } from './completion-uri.js';

export class CompletionFiles implements FileSystemProvider {
  /** A completion never changes once it is there. */
  readonly onDidChangeFile = new EventEmitter<FileChangeEvent[]>().event;

  constructor(private readonly audits: OpenAudits) {}

  watch(): { dispose(): void } {
    return { dispose: () => undefined };
  }

  async stat(uri: Uri): Promise<FileStat> {
    return { type: FileType.File, ctime: 0, mtime: 0, size: (await this.readFile(uri)).length };
  }

  async readFile(uri: Uri): Promise<Uint8Array> {
    const address = readCompletionUri(uri);
    if (!address) throw FileSystemError.FileNotFound(uri);
    const lease = await this.audits.open(address.folder).catch(() => {
      throw FileSystemError.FileNotFound(uri);
    });
    try {
      const { session } = lease;
      const record = session.record(address.id);
      if (!record) throw FileSystemError.FileNotFound(uri);
      return new TextEncoder().encode(makeCompletionText(session, record).text);
    } finally {
      lease.release();
    }
  }

  readDirectory(): [] {
    return [];
  }

  createDirectory(uri: Uri): void {
    throw FileSystemError.NoPermissions(uri);
  }

  writeFile(uri: Uri): void {
    throw FileSystemError.NoPermissions(uri);
  }

  delete(uri: Uri): void {
    throw FileSystemError.NoPermissions(uri);
  }

  rename(uri: Uri): void {
    throw FileSystemError.NoPermissions(uri);
  }
}
