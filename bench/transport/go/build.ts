// Builds the Go contender outside the repository: generated code and binary go to ~/.cache/fairlead-proof.
// Needs Go; its modules and generators come from the Go module proxy.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const home = join(homedir(), '.cache', 'fairlead-proof');
const [work, bin] = [join(home, 'transport-bench'), join(home, 'bin')];
const here = import.meta.dirname;

function run(command: string, parameters: readonly string[], env: Record<string, string> = {}): void {
  console.log(`$ ${command} ${parameters.join(' ')}`);
  const path = `${bin}:${process.env.PATH ?? ''}`;
  const { status } = spawnSync(command, parameters, {
    cwd: work,
    stdio: 'inherit',
    env: { ...process.env, PATH: path, ...env },
  });
  if (status !== 0) process.exit(status ?? 1);
}

mkdirSync(join(work, 'proto'), { recursive: true });
mkdirSync(bin, { recursive: true });
copyFileSync(join(here, 'main.go'), join(work, 'main.go'));
copyFileSync(join(here, '..', 'bench.proto'), join(work, 'proto', 'bench.proto'));
writeFileSync(join(work, 'go.mod'), 'module transportbench\n\ngo 1.24\n');
writeFileSync(
  join(work, 'buf.gen.yaml'),
  `version: v2
inputs:
  - directory: proto
plugins:
  - local: protoc-gen-go
    out: pb
    opt: [paths=source_relative, Mbench.proto=transportbench/pb]
  - local: protoc-gen-go-grpc
    out: pb
    opt: [paths=source_relative, Mbench.proto=transportbench/pb]
`,
);
run('go', ['install', 'google.golang.org/protobuf/cmd/protoc-gen-go@latest'], { GOBIN: bin });
run('go', ['install', 'google.golang.org/grpc/cmd/protoc-gen-go-grpc@latest'], { GOBIN: bin });
run(join(here, '..', '..', '..', 'node_modules', '.bin', 'buf'), ['generate']);
run('go', ['mod', 'tidy']);
run('go', ['build', '-o', join(bin, 'transport-bench'), '.']);
