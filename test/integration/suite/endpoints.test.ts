import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigurationTarget, workspace } from 'vscode';
import { answering, noteErrors, readJournalLines, run, workspaceFile } from '../helpers.js';

/** Lets nobody in, and says who knocked. */
async function startLockedServer(): Promise<{ server: Server; address: string; knocks: string[] }> {
  const knocks: string[] = [];
  const server = createServer((request, response) => {
    knocks.push(`${request.url} ${request.headers.authorization ?? 'without a key'}`);
    response.writeHead(401, { 'content-type': 'application/json' }).end('{"error": {"message": "a key is needed"}}');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { server, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, knocks };
}

suite('endpoints', () => {
  let locked: Awaited<ReturnType<typeof startLockedServer>>;
  const plan = () => workspaceFile('locked.audit-plan.json');

  suiteSetup(async () => {
    locked = await startLockedServer();
    const model = `openai:locked@${locked.address}`;
    writeFileSync(plan().fsPath, JSON.stringify({ finetuned: model, reference: 'bundled:base-a', corpus: ['bundled:demo'], prefills: 4 }));
  });

  suiteTeardown(() => {
    locked.server.closeAllConnections();
    locked.server.close();
  });

  test('only a plan names is asked for, and nothing is sent without a yes', async () => {
    const asked = await answering({}, async () => assert.equal(await run<unknown>('finetuneAuditor.runPlan', plan()), undefined));
    assert.deepEqual(asked, [`Send texts to ${new URL(locked.address).host}?`]);
    assert.deepEqual(locked.knocks, []);
  });

  test('a server that wants a key ends the audit with a way to enter one', async () => {
    const shown = await noteErrors(() =>
      answering({ buttons: ['Start'] }, async () => {
        const result = await run('finetuneAuditor.runPlan', plan());
        assert.equal(result.state, 'failed');
        assert.equal(result.completions, 0);
        assert.deepEqual(
          readJournalLines(result.folder).filter(({ type }) => type === 'completion'),
          [],
        );
      }),
    );
    assert.match(shown[0]?.text ?? '', /127\.0\.0\.1:\d+ asks for a key/);
    assert.deepEqual(shown[0]?.buttons, ['Enter Key…', 'Resume']);
    assert.ok(locked.knocks.length > 0);
    assert.ok(
      locked.knocks.every((knock) => knock.endsWith('without a key')),
      locked.knocks.join('\n'),
    );
  });

  test('are not asked at all where the network is forbidden, on this machine neither', async () => {
    const configuration = workspace.getConfiguration('finetuneAuditor');
    await configuration.update('forbidNetwork', true, ConfigurationTarget.Workspace);
    const knocks = locked.knocks.length;
    try {
      const shown = await noteErrors(async () => assert.equal((await run('finetuneAuditor.runPlan', plan())).state, 'failed'));
      assert.match(shown[0]?.text ?? '', /finetuneAuditor\.forbidNetwork/);
      assert.deepEqual(shown[0]?.buttons, ['Open Settings', 'Choose Again…']);
    } finally {
      await configuration.update('forbidNetwork', undefined, ConfigurationTarget.Workspace);
    }
    assert.equal(locked.knocks.length, knocks);
  });
});
