/** The model process: answers a host over its channel, and ends when the channel does. */
import process from 'node:process';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import { LogLine } from '../../../messages/model-process.js';
import { answerRequests } from './answer-requests.js';

/** Native work cannot be interrupted, and an orderly exit would wait for it. */
function endAtOnce(): void {
  process.kill(process.pid, 'SIGKILL');
}

process.on('disconnect', endAtOnce);
// A terminal sends Ctrl-C to the whole group; when to stop is for the host to say.
process.on('SIGINT', () => undefined);
const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
connection.onClose(endAtOnce);
answerRequests(connection, (level, text) => {
  void connection.sendNotification(LogLine, { level, text });
});
connection.listen();
if (!process.connected) endAtOnce();
