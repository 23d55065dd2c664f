/** The model process: answers a host over its channel, and ends when the channel does. */
import process from 'node:process';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import { LogLine } from '../../../messages/model-process.js';
import { answerModelRequests } from './answer-requests.js';
import { endAtOnce, endWithParent } from '../../../messages/end-with-parent.js';
import { CHECK_ARGUMENT, checkInstallation } from './native/check-installation.js';

function answerHost(): void {
  const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
  connection.onClose(endAtOnce);
  answerModelRequests(connection, (level, text) => {
    void connection.sendNotification(LogLine, { level, text });
  });
  connection.listen();
  if (!process.connected) endAtOnce();
}

endWithParent();
if (process.argv[3] === CHECK_ARGUMENT) {
  const gpu = process.argv[4] ?? 'false';
  await checkInstallation(gpu === 'false' ? false : gpu);
  endAtOnce();
} else {
  answerHost();
}
