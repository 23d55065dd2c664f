/** Shows on stderr how far an audit is: a bar on a terminal, a line now and then elsewhere. */
import { Presets, SingleBar } from 'cli-progress';
import type { AuditStatus } from '../messages/page.js';
import { countDone, describeProgress } from '../text/progress.js';
import { barStream, forTerminal, indentRest, isWatched, printAside, replaceLine } from './terminal.js';

const LINE_EVERY_MS = 5000;

export interface ProgressDisplay {
  show(status: AuditStatus): void;
  end(): void;
}

export function createProgressDisplay(): ProgressDisplay {
  return isWatched() ? createBar() : createLines();
}

function createBar(): ProgressDisplay {
  const bar = new SingleBar(
    {
      stream: barStream(),
      format: '{bar} {progress}',
      hideCursor: true,
      // The program listens for Ctrl-C itself, to leave a complete journal behind.
      gracefulExit: false,
      barsize: 28,
    },
    Presets.shades_classic,
  );
  let started = false;
  let stage = '';
  return {
    show(status) {
      if (status.state === 'loading') {
        if (status.message === stage) return;
        replaceLine(status.message);
        stage = status.message;
      } else if (status.pass !== undefined) {
        if (started) bar.stop();
        started = false;
        stage = describeProgress(status);
        replaceLine(stage);
      } else if (status.state === 'running') {
        const facts = { progress: forTerminal(describeProgress(status)) };
        if (!started) {
          replaceLine('');
          bar.start(status.completionsTotal, status.completionsDone, facts);
        } else {
          bar.update(status.completionsDone, facts);
        }
        started = true;
      } else if (started) {
        bar.update(status.completionsDone, { progress: `${countDone(status)} · ${status.state}` });
      }
    },
    end() {
      if (started) bar.stop();
      else if (stage !== '') replaceLine('');
    },
  };
}

function createLines(): ProgressDisplay {
  let last = { time: -Infinity, stage: '' };
  return {
    show(status) {
      const message = status.message.replace(/ \d+ (%|of \d+)$/, '');
      const stage = `${status.state}${message}${status.standstill === undefined ? '' : ' waits'}`;
      if (stage === last.stage && performance.now() - last.time < LINE_EVERY_MS) return;
      last = { time: performance.now(), stage };
      if (status.state === 'loading') printAside(`${indentRest(message)}\n`);
      if (status.state === 'running') printAside(`${indentRest(describeProgress(status))}\n`);
    },
    end: () => undefined,
  };
}
