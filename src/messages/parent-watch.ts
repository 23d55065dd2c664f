/** The thread that ends this process when the one that started it is gone, whatever the main thread is busy with. */
import process from 'node:process';
import { workerData } from 'node:worker_threads';

const POLL_MS = 1000;

/** An orphan gets another parent, except on Windows, where it keeps the number of the dead one. */
function isGone(parent: number): boolean {
  if (process.ppid !== parent) return true;
  try {
    process.kill(parent, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

setInterval(() => {
  if (isGone(workerData as number)) process.kill(process.pid, 'SIGKILL');
}, POLL_MS);
