/** The model process: answers a host over its channel, and ends when the channel does. */
import process from 'node:process';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import { LogLine } from '../../../messages/model-process.js';
import { answerRequests } from './answer-requests.js';
import { endAtOnce, endWithParent } from './end-with-parent.js';

endWithParent();
const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
connection.onClose(endAtOnce);
answerRequests(connection, (level, text) => {
  void connection.sendNotification(LogLine, { level, text });
});
connection.listen();
if (!process.connected) endAtOnce();
