// The request headers of one call, read in one pass: what routing, policies and telemetry ask for.

import type { HeaderList } from '#transport';
import type { CallView, HeaderView } from '../../rules/index.ts';

export class RequestHead implements CallView, HeaderView {
  readonly list: HeaderList;
  method = '';
  path = '';
  scheme = '';
  authority = '';
  /** Set by the sidecar, from the tunnel or the authority. */
  host = '';
  port = 0;
  isGrpc = false;
  /** Of a token that was verified here. */
  claims: Readonly<Record<string, unknown>> | undefined;
  /** A field stands twice that must stand once: such a request could be read in two ways. */
  ambiguous = false;

  constructor(list: HeaderList) {
    this.list = list;
    let contentTypes = 0;
    let hosts = 0;
    for (let i = 0; i < list.length; i += 2) {
      const value = list[i + 1] ?? '';
      switch (list[i]) {
        case ':method':
          this.method = value;
          break;
        case ':path':
          this.path = value;
          break;
        case ':scheme':
          this.scheme = value;
          break;
        case ':authority':
          this.authority = value;
          break;
        case 'content-type':
          contentTypes++;
          this.isGrpc = value.startsWith('application/grpc');
          break;
        case 'host':
          hosts++;
          if (this.authority === '') this.authority = value;
          else if (value !== this.authority) this.ambiguous = true;
          break;
        default:
      }
    }
    if (contentTypes > 1 || hosts > 1) this.ambiguous = true;
  }

  get headers(): HeaderView {
    return this;
  }

  /** Several values of a name read as one, with commas between them, as in Envoy. */
  get(name: string): string | undefined {
    const { list } = this;
    let found: string | undefined;
    for (let i = 0; i < list.length; i += 2)
      if (list[i] === name) found = found === undefined ? list[i + 1] : `${found},${list[i + 1] ?? ''}`;
    return found;
  }
}
