// Page tokens that hold, and those that do not; masks and etags as the AIPs say.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RpcError } from '../errors/rpc-error.ts';
import { checkEtag, etagOf } from './etag.ts';
import { applyReadMask, applyUpdateMask } from './field-mask.ts';
import { openPage } from './page.ts';
import { setPageKey } from './page-token.ts';

const rows = Array.from({ length: 7 }, (_, id) => ({ id, name: `n${id}` }));

interface Call {
  readonly config: object;
  readonly method: string;
}

function call(method = '/catalog/ListProducts', config: object = {}): Call {
  return { config, method };
}

function refusesToken(work: () => unknown): void {
  assert.throws(work, (error) => {
    assert.ok(RpcError.is(error));
    assert.equal(error.code, 'INVALID_ARGUMENT');
    assert.equal(error.details.fieldViolations?.[0]?.field, 'page_token');
    return true;
  });
}

describe('pages', () => {
  it('lead through all rows once, in order', () => {
    const context = call();
    const seen: number[] = [];
    let pageToken = '';
    do {
      const page = openPage(context, { pageSize: 3, pageToken }, { filters: { category: 'x' } });
      const after = Number(page.after?.[0] ?? -1);
      const read = rows.filter(({ id }) => id > after).slice(0, page.limit);
      const { items, nextPageToken } = page.close(read, ({ id }) => [id]);
      seen.push(...items.map(({ id }) => id));
      pageToken = nextPageToken;
    } while (pageToken !== '');
    assert.deepEqual(seen, [0, 1, 2, 3, 4, 5, 6]);
  });

  it('have a default size and a largest one', () => {
    assert.equal(openPage(call(), { pageSize: 0, pageToken: '' }).size, 50);
    assert.equal(openPage(call(), { pageSize: 5000, pageToken: '' }, { maxSize: 200 }).size, 200);
  });

  it('refuse a token that was changed anywhere', () => {
    const context = call();
    const { nextPageToken } = openPage(context, { pageSize: 1, pageToken: '' }).close(rows, ({ id }) => [id]);
    assert.deepEqual(openPage(context, { pageSize: 1, pageToken: nextPageToken }).after, [0]);
    for (let index = 0; index < nextPageToken.length; index++) {
      const other = nextPageToken[index] === 'A' ? 'B' : 'A';
      const changed = nextPageToken.slice(0, index) + other + nextPageToken.slice(index + 1);
      refusesToken(() => openPage(context, { pageSize: 1, pageToken: changed }));
    }
    for (const garbage of ['x', '%%%', `${nextPageToken}=`, ` ${nextPageToken}`, nextPageToken.slice(0, -4)]) {
      refusesToken(() => openPage(context, { pageSize: 1, pageToken: garbage }));
    }
  });

  it('refuse a token of another method, other filters, or another service', () => {
    const config = {};
    const context = call('/a/List', config);
    const filters = { category: 'x', sort: 'name' };
    const token = openPage(context, { pageSize: 1, pageToken: '' }, { filters }).close(rows, ({ id }) => [
      id,
    ]).nextPageToken;
    const again = { pageSize: 2, pageToken: token };
    assert.deepEqual(openPage(context, again, { filters: { sort: 'name', category: 'x' } }).after, [0]);
    refusesToken(() => openPage(call('/b/List', config), again, { filters }));
    refusesToken(() => openPage(context, again, { filters: { ...filters, category: 'y' } }));
    refusesToken(() => openPage(call('/a/List'), again, { filters }));
  });

  it('hold in every replica of a service that shares its secret', () => {
    const one = call();
    const two = call();
    const other = call();
    setPageKey(one.config, 'catalog', 'secret');
    setPageKey(two.config, 'catalog', 'secret');
    setPageKey(other.config, 'order', 'secret');
    const { nextPageToken } = openPage(one, { pageSize: 1, pageToken: '' }).close(rows, ({ id }) => [id]);
    assert.deepEqual(openPage(two, { pageSize: 1, pageToken: nextPageToken }).after, [0]);
    refusesToken(() => openPage(other, { pageSize: 1, pageToken: nextPageToken }));
  });
});

describe('field masks', () => {
  const user = {
    id: '1',
    displayName: 'Ada',
    address: { city: 'Turin', zip: '10100' },
    tags: ['a'],
    seen: new Date(0),
  };

  it('read what they name, at any depth', () => {
    assert.deepEqual(applyReadMask(user, { paths: ['display_name', 'address.city', 'seen'] }), {
      displayName: 'Ada',
      address: { city: 'Turin' },
      seen: new Date(0),
    });
    assert.deepEqual(applyReadMask(user, { paths: ['address.city', 'address'] }), { address: user.address });
  });

  it('read everything without a mask', () => {
    for (const mask of [null, undefined, { paths: [] }, { paths: ['*'] }])
      assert.equal(applyReadMask(user, mask), user);
  });

  it('refuse to look into what is no message', () => {
    assert.throws(() => applyReadMask(user, { paths: ['tags.first'] }), RpcError);
  });

  it('write what they name, and empty what the patch leaves out', () => {
    const patch = { id: '', displayName: '', address: { city: 'Rome', zip: '' }, tags: [], seen: new Date(1) };
    assert.deepEqual(applyUpdateMask(user, patch, { paths: ['display_name', 'address.city'] }), {
      ...user,
      displayName: '',
      address: { city: 'Rome', zip: '10100' },
    });
  });

  it('write what the patch sets, when there is no mask', () => {
    const patch = { id: '', displayName: 'Bo', address: user.address, tags: [], seen: new Date(0) };
    assert.deepEqual(applyUpdateMask(user, patch, null), { ...user, displayName: 'Bo' });
    assert.deepEqual(applyUpdateMask(user, patch, { paths: ['*'] }), patch);
  });
});

describe('etags', () => {
  it('change with the state and with nothing else', () => {
    assert.equal(etagOf('a', 1, new Date(5)), etagOf('a', 1, new Date(5)));
    assert.notEqual(etagOf('a', 1), etagOf('a', 2));
    assert.notEqual(etagOf('ab', 'c'), etagOf('a', 'bc'));
  });

  it('stop a write of somebody who has seen another state', () => {
    checkEtag('', etagOf(1));
    checkEtag(etagOf(1), etagOf(1));
    assert.throws(
      () => checkEtag(etagOf(1), etagOf(2)),
      (error) => RpcError.is(error) && error.code === 'ABORTED',
    );
  });
});
