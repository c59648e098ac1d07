import assert from 'node:assert/strict';
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readManifestFiles, watchManifests } from './manifest-folder.ts';

describe('a folder of manifests', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'manifests-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('gives YAML and JSON of all its folders, in order, and nothing else', async () => {
    await mkdir(join(folder, 'sub'));
    await Promise.all(
      ['b.yaml', 'a.yml', 'sub/c.json', 'notes.txt'].map((name) => writeFile(join(folder, name), `# ${name}`)),
    );
    const files = await readManifestFiles([folder]);
    assert.deepEqual(
      files.map((each) => each.text),
      ['# a.yml', '# b.yaml', '# sub/c.json'],
    );
  });
  it('says what to do when there is none', async () => {
    await assert.rejects(readManifestFiles([join(folder, 'nowhere')]), /npm run synth/);
  });
  it('waits for a file that is being written', async () => {
    const file = await open(join(folder, 'a.yml'), 'w');
    const reading = readManifestFiles([folder]);
    await file.write('kind: ');
    await new Promise((resolve) => setTimeout(resolve, 15));
    await file.write('Service');
    await file.close();
    assert.equal((await reading)[0]?.text, 'kind: Service');
  });
  it('tells a change once for a burst', async () => {
    let told = 0;
    const changed = new Promise<void>((resolve) => {
      const stop = watchManifests([folder], () => {
        told++;
        stop();
        resolve();
      });
    });
    await Promise.all(['a.yml', 'b.yaml'].map((name) => writeFile(join(folder, name), 'x')));
    await changed;
    assert.equal(told, 1);
  });
});
