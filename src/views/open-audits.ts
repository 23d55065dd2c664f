/** The audits that something shows or runs: one session per folder, however many use it. */
import type { Author } from '../records/findings/authors.js';
import { AuditSession } from '../runner/run/audit-session.js';

export interface AuditLease {
  readonly session: AuditSession;
  release(): void;
}

interface Entry {
  readonly session: Promise<AuditSession>;
  users: number;
}

export class OpenAudits {
  readonly #entries = new Map<string, Entry>();

  /**
   * @param findAuthor signs the findings set in sessions that are opened here
   * @param onDidWrite told when a finding was written through one of them
   */
  constructor(
    private readonly findAuthor: () => Promise<Author>,
    private readonly onDidWrite: () => void = () => undefined,
  ) {}

  /** Whoever signs may have another name by now. */
  async updateAuthor(): Promise<void> {
    const author = await this.findAuthor();
    for (const { session } of this.#entries.values()) {
      await session.then(
        ({ findings }) => findings.setAuthor(author),
        () => undefined,
      );
    }
  }

  /**
   * The session of a folder, from its journal where nobody has it open yet.
   * @throws AuditError `fileNotFound`, `badJournal`
   */
  open(folder: string): Promise<AuditLease> {
    const known = this.#entries.get(folder);
    return this.#use(folder, known ?? this.#add(folder, this.#read(folder)));
  }

  /** A session that is about to be run. */
  adopt(session: AuditSession): Promise<AuditLease> {
    const known = this.#entries.get(session.folder);
    return this.#use(session.folder, known ?? this.#add(session.folder, Promise.resolve(session)));
  }

  async #read(folder: string): Promise<AuditSession> {
    return AuditSession.fromFolder(folder, await this.findAuthor());
  }

  #add(folder: string, session: Promise<AuditSession>): Entry {
    const entry = { session, users: 0 };
    session.then(
      ({ findings }) => findings.onDidWrite(this.onDidWrite),
      () => undefined,
    );
    this.#entries.set(folder, entry);
    return entry;
  }

  async #use(folder: string, entry: Entry): Promise<AuditLease> {
    entry.users++;
    let held = true;
    const release = () => {
      if (!held) return;
      held = false;
      if (--entry.users > 0) return;
      if (this.#entries.get(folder) === entry) this.#entries.delete(folder);
      entry.session.then(
        (session) => session.dispose(),
        () => undefined,
      );
    };
    try {
      return { session: await entry.session, release };
    } catch (error) {
      release();
      throw error;
    }
  }
}
