/** No process of ours outlives the program that started it: the model process, the template process, the one that reads Parquet. */
import process from 'node:process';
import { Worker } from 'node:worker_threads';

/** Native work cannot be interrupted, and an orderly exit would wait for it. */
export function endAtOnce(): void {
  process.kill(process.pid, 'SIGKILL');
}

/**
 * Ends this process when its channel closes; and, since a busy main thread does not hear that, within some seconds of
 * its parent's death. The parent's process id is the first argument: by the time this runs it may be dead already.
 */
export function endWithParent(): void {
  process.on('disconnect', endAtOnce);
  const parent = Number(process.argv[2] ?? process.ppid);
  new Worker(new URL('./parent-watch.mjs', import.meta.url), { workerData: parent }).unref();
  // A terminal sends Ctrl-C to the whole group; when to stop is for the parent to say.
  process.on('SIGINT', () => undefined);
}
