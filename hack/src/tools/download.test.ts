import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { downloadRelease } from './download.ts';
import type { ReleaseFile } from './releases.ts';

describe('downloading a release', () => {
  it('gives an executable file whose checksum is the published one', async () => {
    const file = await serve({ '/tool': 'content', '/tool.sha256': sha256('content') });
    const directory = await temporaryDirectory();
    await downloadRelease([file], directory, () => undefined);
    expect(await readFile(join(directory, 'tool'), 'utf8')).toBe('content');
    expect((await stat(join(directory, 'tool'))).mode & 0o777).toBe(0o755);
  });

  it('refuses what was changed on the way', async () => {
    const file = await serve({ '/tool': 'c0ntent', '/tool.sha256': sha256('content') });
    await expect(downloadRelease([file], await temporaryDirectory(), () => undefined)).rejects.toThrow(
      /has SHA-256 .*, published is/,
    );
  });

  it('refuses what has no published checksum', async () => {
    const file = await serve({ '/tool': 'content' });
    await expect(downloadRelease([file], await temporaryDirectory(), () => undefined)).rejects.toThrow('answered 404');
  });
});

function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'autoweave-download-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

async function serve(contents: Readonly<Record<string, string>>): Promise<ReleaseFile> {
  const server = createServer((request, response) => {
    const content = contents[request.url ?? ''];
    response.writeHead(content === undefined ? 404 : 200).end(content);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tool`;
  return { url, checksumUrl: `${url}.sha256`, name: 'tool', members: undefined };
}
