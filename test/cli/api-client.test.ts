// The HTTP client: what it repeats and what it never repeats, and what it says of failures.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { createSystemDice } from '../../lib/base/dice.ts';
import { createApiClient, parseUrl, type ApiClient, type ApiRequest } from '../../lib/cli/api-client.ts';
import { EXIT } from '../../lib/cli/exit.ts';
import { run } from './support/fake-terminal.ts';

const Answer = Type.Object({ n: Type.Integer() });

/** What the server does with one request: a status and a body, or a connection that breaks. */
type Reply = readonly [status: number, body?: object | string, headers?: Record<string, string>] | 'break';

class Scripted implements AsyncDisposable {
  readonly #server: Server;
  readonly sleeps: number[] = [];
  requests = 0;

  constructor(replies: readonly Reply[]) {
    this.#server = createServer((_request, response) => {
      const reply = replies[Math.min(this.requests++, replies.length - 1)] ?? 'break';
      if (reply === 'break') {
        response.destroy();
        return;
      }
      const [status, body = '', headers = {}] = reply;
      response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  }

  async client(): Promise<ApiClient> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const { port } = this.#server.address() as AddressInfo;
    let nowMs = 0;
    const clock = {
      now: () => nowMs,
      // The client's own time limit sleeps with a signal of its own and never ends here; pauses end at once.
      sleep: (durationMs: number) => {
        if (durationMs === 45_000) return new Promise<void>(() => undefined);
        this.sleeps.push(durationMs);
        nowMs += durationMs;
        return Promise.resolve();
      },
    };
    return createApiClient({ clock, dice: createSystemDice() }, new URL(`http://127.0.0.1:${port}/base/`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const request = (isRepeatable: boolean): ApiRequest<typeof Answer> => ({
  method: 'POST',
  path: ['a', 'b/c'],
  body: {},
  answer: Answer,
  isRepeatable,
});

const throttled: Reply = [
  429,
  { error_code: 42901, message: 'slow down', outcome: 'not-applied' },
  { 'retry-after': '7' },
];
const unknown: Reply = [500, { error_code: 50003, message: 'lost', outcome: 'unknown' }];
const good: Reply = [200, { n: 1, more: true }];

describe('retries', () => {
  it.each<readonly [what: string, isRepeatable: boolean, replies: readonly Reply[], requests: number]>([
    ['a throttle, whatever the request', false, [throttled, throttled, good], 3],
    ['an unknown outcome of a request that may be repeated', true, [unknown, good], 2],
    ['a broken connection of a request that may be repeated', true, [good, 'break', good], 3],
    ['an error without a body of ours', true, [[503, '<html>'], good], 2],
  ])('repeat %s', async (_what, isRepeatable, replies, requests) => {
    await using server = new Scripted(replies);
    const api = await server.client();
    if (replies[0] === good) await api.call(request(false));
    expect(await api.call(request(isRepeatable))).toEqual({ n: 1, more: true });
    expect(server.requests).toBe(requests);
  });

  it.each<readonly [what: string, isRepeatable: boolean, replies: readonly Reply[], message: string]>([
    ['an unknown outcome of another request', false, [unknown, good], 'lost [HTTP 500]'],
    ['a broken connection of another request', false, ['break', good], 'the connection broke'],
    ['a refusal', true, [[422, { message: 'no' }], good], 'no [HTTP 422]'],
    ['an internal error', true, [[500, 'oops'], good], 'oops [HTTP 500]'],
    ['an answer that is not Wadi', true, [[200, '<html>'], good], 'answered what Wadi does not: <html>'],
  ])('never repeat %s', async (_what, isRepeatable, replies, message) => {
    await using server = new Scripted(replies);
    const api = await server.client();
    await expect(api.call(request(isRepeatable))).rejects.toThrow(message);
    expect(server.requests).toBe(1);
  });

  it('wait as long as the server says', async () => {
    await using server = new Scripted([throttled, good]);
    const api = await server.client();
    await api.call(request(false));
    expect(server.sleeps).toEqual([7_000]);
  });

  it('wait longer each time, and give up in the end', async () => {
    await using server = new Scripted([[503]]);
    const api = await server.client();
    await expect(api.call(request(true))).rejects.toThrow('[HTTP 503]');
    const [first = 0, second = 0] = server.sleeps;
    expect(first).toBeLessThanOrEqual(100);
    expect(second).toBeGreaterThan(first / 2);
    expect(Math.max(...server.sleeps)).toBeLessThanOrEqual(5_000);
    expect(server.sleeps.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(120_000);
  });
});

describe('failures', () => {
  it('of a server that is not there say how to start one, at once', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const { errors, exitCode } = await run(['topics', 'list', '--url', `http://127.0.0.1:${port}`]);
    expect(exitCode).toBe(EXIT.failed);
    expect(errors).toBe(
      `wadi: cannot reach http://127.0.0.1:${port}, connection refused: is the server running? "npm start" starts one\n`,
    );
  });

  it.each(['ftp://a', 'localhost:8082', ''])('of a URL like %j are the user’s', (url) => {
    expect(() => parseUrl(url)).toThrow('--url must be an http or https URL');
  });
});
