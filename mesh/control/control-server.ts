// The control API of a running mesh: JSON over HTTP on a unix socket that only its user can open, and metrics on a port.
// `GET /status`, `POST /change`, `POST /eject`, `POST /reset`, `POST /reload`, `POST /rotate`, `GET /metrics`.

import { chmod, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Mesh } from '../proxy/mesh.ts';
import { InvalidRulesError, UnknownNameError } from '../rules/index.ts';
import { Ejections } from './ejections.ts';
import { ChangeError, type LiveChange } from './live-change.ts';
import { meshStatus } from './status.ts';

const MAX_BODY = 65_536;

export const CONTROL_SOCKET = 'control.sock';

export class ControlServer {
  readonly socket: string;
  metricsPort = 0;
  readonly #mesh: Mesh;
  readonly #ejections: Ejections;
  readonly #control: Server;
  readonly #metrics: Server;

  constructor(mesh: Mesh) {
    this.#mesh = mesh;
    this.#ejections = new Ejections(mesh.directory);
    this.socket = join(mesh.stateDir, CONTROL_SOCKET);
    this.#control = createServer((request, response) => void this.#answer(request, response));
    this.#metrics = createServer((request, response) => this.#expose(request, response));
  }

  async listen(metricsPort = 0): Promise<void> {
    await rm(this.socket, { force: true });
    await listening(this.#control, { path: this.socket });
    await chmod(this.socket, 0o600);
    await listening(this.#metrics, { host: '127.0.0.1', port: metricsPort });
    this.metricsPort = (this.#metrics.address() as AddressInfo).port;
  }

  close(): void {
    this.#ejections.reset();
    for (const server of [this.#control, this.#metrics]) {
      server.close();
      server.closeAllConnections();
    }
  }

  #expose(request: IncomingMessage, response: ServerResponse): void {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(this.#mesh.metrics.expose());
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const body = await readBody(request);
      const result = await this.#run(`${request.method ?? ''} ${request.url ?? ''}`, body);
      if (result === undefined) send(response, 404, { error: `there is no ${request.method} ${request.url}` });
      else if (typeof result === 'string')
        response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(result);
      else send(response, 200, result);
    } catch (error) {
      const known =
        error instanceof ChangeError ||
        error instanceof InvalidRulesError ||
        error instanceof UnknownNameError ||
        error instanceof SyntaxError;
      send(response, known ? 400 : 500, { error: error instanceof Error ? error.message : String(error) });
    }
  }

  async #run(what: string, body: Readonly<Record<string, unknown>>): Promise<object | string | undefined> {
    const mesh = this.#mesh;
    switch (what) {
      case 'GET /status':
        return meshStatus(mesh, this.#ejections);
      case 'GET /metrics':
        return mesh.metrics.expose();
      case 'POST /change':
        await mesh.store.change(liveChange(body));
        return meshStatus(mesh, this.#ejections);
      case 'POST /eject':
        this.#ejections.eject(textField(body, 'instance'), typeof body.forMs === 'number' ? body.forMs : undefined);
        return meshStatus(mesh, this.#ejections);
      case 'POST /reset':
        this.#ejections.reset();
        await mesh.store.reset();
        return meshStatus(mesh, this.#ejections);
      case 'POST /reload':
        return mesh.reload();
      case 'POST /rotate':
        await mesh.rotateCertificates({ root: body.root === true });
        return meshStatus(mesh, this.#ejections);
      default:
        return undefined;
    }
  }
}

function textField(body: Readonly<Record<string, unknown>>, name: string): string {
  const value = body[name];
  if (typeof value !== 'string') throw new ChangeError(`${name} must be text`);
  return value;
}

function liveChange(body: Readonly<Record<string, unknown>>): LiveChange {
  const service = textField(body, 'service');
  if (body.kind === 'set')
    return { kind: 'set', service, path: textField(body, 'path'), value: textField(body, 'value') };
  if (body.kind !== 'fault') throw new ChangeError('kind must be set or fault');
  const { percent } = body;
  if (typeof percent !== 'number' || percent < 0 || percent > 100)
    throw new ChangeError('percent must be a number from 0 to 100');
  if (body.delay === undefined && body.abort === undefined) throw new ChangeError('a fault needs a delay or an abort');
  return {
    kind: 'fault',
    service,
    percent,
    ...(body.method === undefined ? {} : { method: textField(body, 'method') }),
    ...(body.delay === undefined ? {} : { delay: textField(body, 'delay') }),
    ...(body.abort === undefined ? {} : { abort: textField(body, 'abort') }),
  };
}

async function readBody(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > MAX_BODY) throw new ChangeError(`the request is longer than ${MAX_BODY} characters`);
  }
  const parsed: unknown = text === '' ? {} : JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null) throw new ChangeError('the request must be a JSON object');
  return parsed as Readonly<Record<string, unknown>>;
}

function send(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function listening(server: Server, where: { path: string } | { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
