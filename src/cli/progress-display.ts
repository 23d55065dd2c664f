/** Shows on stderr how far an audit is: a bar on a terminal, a line now and then elsewhere. */
import { Presets, SingleBar } from 'cli-progress';
import type { AuditStatus } from '../messages/page.js';
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
      format: '{bar} {value}/{total} completions{aside} · {pace}',
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
      } else if (status.measuringNoiseFloor) {
        if (started) bar.stop();
        started = false;
        stage = `${status.message} · ${formatPace(status)}`;
        replaceLine(stage);
      } else if (status.state === 'running') {
        const facts = { aside: formatSetAside(status), pace: forTerminal(formatPace(status)) };
        if (!started) {
          replaceLine('');
          bar.start(status.completionsTotal, status.completionsDone, facts);
        } else {
          bar.update(status.completionsDone, facts);
        }
        started = true;
      } else if (started) {
        bar.update(status.completionsDone, { aside: formatSetAside(status), pace: `${formatRate(status)} · ${status.state}` });
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
      if (status.state === 'running') printAside(`${indentRest(describeWork(status))}\n`);
    },
    end: () => undefined,
  };
}

function describeWork(status: AuditStatus): string {
  const rate = status.standstill !== undefined ? status.standstill : status.tokensPerSecond === null ? null : `${formatRate(status)}, ${formatLeft(status)}`;
  if (status.measuringNoiseFloor) return rate === null ? status.message : `${status.message}: ${rate}`;
  return `${status.completionsDone}/${status.completionsTotal} completions${formatSetAside(status)}: ${rate ?? status.message}`;
}

function formatSetAside({ setAside = 0 }: AuditStatus): string {
  return setAside === 0 ? '' : ` (${setAside} set aside)`;
}

/** How fast it goes, or which server it waits for. */
function formatPace(status: AuditStatus): string {
  return status.standstill ?? `${formatRate(status)} · ${formatLeft(status)}`;
}

function formatRate({ tokensPerSecond }: AuditStatus): string {
  return tokensPerSecond === null ? '– tokens/s' : `${Math.round(tokensPerSecond)} tokens/s`;
}

function formatLeft({ secondsLeft }: AuditStatus): string {
  return secondsLeft === null ? 'time left unknown' : `${formatDuration(secondsLeft)} left`;
}

export function formatDuration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
