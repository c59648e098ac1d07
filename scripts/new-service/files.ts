// The files of a new service: a contract, a manifest, a handler, a rule without I/O and a test, small enough to be read at once.
import type { ServiceNames } from './names.ts';

/** Paths, relative to the repository, with their texts. */
export function filesOf(names: ServiceNames): ReadonlyMap<string, string> {
  const { name, domain, file, service, contract } = names;
  const generated = `#proto/fairlead/${domain}/v1/${file}.ts`;
  return new Map([
    [
      `proto/fairlead/${domain}/v1/${file}.proto`,
      `syntax = "proto3";

// The ${name} service.
package fairlead.${domain}.v1;

import "buf/validate/validate.proto";
import "fairlead/api/v1/access.proto";

// Say here what the service is for.
service ${service} {
  // Greets somebody. Replace it by the first thing that the service does.
  rpc Greet(GreetRequest) returns (GreetResponse) {
    option idempotency_level = NO_SIDE_EFFECTS;
    option (fairlead.api.v1.access) = {audience: AUDIENCE_INTERNAL};
  }
}

// Asks for a greeting.
message GreetRequest {
  // Who is greeted.
  string name = 1 [
    (buf.validate.field).string.min_len = 1,
    (buf.validate.field).string.max_len = 100
  ];
}

// It.
message GreetResponse {
  // For people.
  string text = 1;
}
`,
    ],
    [
      `services/${name}/manifest.ts`,
      `// What the ${name} service is: its contract, and nothing else yet.
// The mesh's rules are derived from what is declared here: calls, database, events, variables.
import { defineService } from '#kit/manifest.ts';

export default defineService({
  name: '${name}',
  contract: '${contract}',
  description: 'Say in one sentence what ${name} does.',
});
`,
    ],
    [
      `services/${name}/domain/greeting.ts`,
      `// How somebody is greeted.
// Rules stand apart from input and output, so that they can be tested without a server.

/** A greeting for a person. */
export function greeting(name: string): string {
  return \`Hello, \${name.trim()}.\`;
}
`,
    ],
    [
      `services/${name}/service.ts`,
      `// The handlers of the ${name} service.
// A handler reads like the business; what every service needs is the kit's.
import { implement } from '#kit';
import { greeting } from './domain/greeting.ts';
import manifest from './manifest.ts';

export default implement(manifest, {
  async greet(request) {
    return { text: greeting(request.name) };
  },
});
`,
    ],
    [
      `services/${name}/service.test.ts`,
      `// The ${name} service as others meet it: a real server on a free port.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startTestService, type TestService } from '#kit/testing/start-test-service.ts';
import type { GreetResponse } from '${generated}';
import type manifest from './manifest.ts';
import service from './service.ts';

describe('${name}', () => {
  let test: TestService<typeof manifest>;
  before(async () => {
    test = await startTestService(service);
  });
  after(() => test.stop());

  it('greets', async () => {
    const response: GreetResponse = await test.client.greet({ name: 'Ada' });
    assert.equal(response.text, 'Hello, Ada.');
  });

  it('says which field is wrong', async () => {
    await assert.rejects(test.client.greet({ name: '' }), { code: 'INVALID_ARGUMENT' });
  });
});
`,
    ],
  ]);
}
