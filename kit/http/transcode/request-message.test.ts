import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ContractSource } from '../../contract/contract-source.ts';
import { RpcError } from '../../errors/rpc-error.ts';
import type { CallDeclarations } from '../../manifest.ts';
import { type Binding, bindingsOf } from './binding.ts';
import { requestMessage } from './request-message.ts';

const source = ContractSource.ofFolder(fileURLToPath(new URL('../fixtures/proto', import.meta.url)));
const methods = ['GetBook', 'UpdateBook', 'GetFile', 'Hidden'];
const calls = { library: { contract: 'test.v1.LibraryService', methods } } as unknown as CallDeclarations;
const bindings = bindingsOf(calls, source);

function binding(rpc: string): Binding {
  const found = bindings.find(({ method }) => method.rpc === rpc);
  assert.ok(found);
  return found;
}

interface Parts {
  readonly parameters?: Record<string, string>;
  readonly query?: string;
  readonly body?: unknown;
}

function message(rpc: string, { parameters = {}, query = '', body }: Parts): Record<string, unknown> {
  return requestMessage(binding(rpc).request, { parameters, query: new URLSearchParams(query), body }) as Record<
    string,
    unknown
  >;
}

function violation(rpc: string, parts: Parts): string {
  try {
    message(rpc, parts);
  } catch (error) {
    assert.ok(RpcError.is(error));
    assert.equal(error.code, 'INVALID_ARGUMENT');
    return error.details.fieldViolations?.[0]?.field ?? '';
  }
  throw new Error('accepted');
}

test('methods that the contract does not open have no binding, additional bindings are bindings', () => {
  assert.deepEqual(
    bindings.map(({ httpMethod, template }) => `${httpMethod} ${template.openApi}`),
    ['GET /v1/{name}', 'GET /v1/books/{name}', 'PATCH /v1/{book.name}', 'GET /v1/files/{name}'],
  );
});

test('a method that is not declared has no binding', () => {
  const declared = {
    library: { contract: 'test.v1.LibraryService', methods: ['GetFile'] },
  } as unknown as CallDeclarations;
  assert.deepEqual(
    bindingsOf(declared, source).map(({ method }) => method.rpc),
    ['GetFile'],
  );
});

test('every kind of field can come by query', () => {
  const query = [
    'view=VIEW_FULL&draft=true&since=9007199254740991&tags=a&tags=b%26c&filter.author=Le+Guin&filter.year=1969',
    'readMask=title,filter.author&at=2026-01-31T12:00:00Z&within=1.5s&lent=false&score=0.5&digest=AQID',
  ].join('&');
  const { labels, ...fields } = message('GetBook', { parameters: { p0: '1', p1: '2' }, query });
  assert.deepEqual(labels, {});
  assert.deepEqual(fields, {
    name: 'shelves/1/books/2',
    view: 'VIEW_FULL',
    draft: true,
    since: 9007199254740991,
    tags: ['a', 'b&c'],
    filter: { author: 'Le Guin', year: 1969 },
    readMask: { paths: ['title', 'filter.author'] },
    at: new Date('2026-01-31T12:00:00Z'),
    within: { seconds: 1, nanos: 500_000_000 },
    lent: fields.lent,
    score: 0.5,
    digest: Buffer.from([1, 2, 3]),
  });
  assert.equal(message('GetBook', { query: 'view=1' }).view, 'VIEW_FULL');
  assert.deepEqual(message('GetBook', { query: 'read_mask=title' }).readMask, { paths: ['title'] });
});

test('what does not fit is named by its path', () => {
  for (const [query, field] of [
    ['draft=yes', 'draft'],
    ['draft=', 'draft'],
    ['view=VIEW_TINY', 'view'],
    ['since=9007199254740992', 'since'],
    ['since=1.5', 'since'],
    ['filter=x', 'filter'],
    ['filter.year=soon', 'filter.year'],
    ['filter.publisher=x', 'filter.publisher'],
    ['filter.author.x=y', 'filter.author.x'],
    ['labels=x', 'labels'],
    ['labels.a=x', 'labels.a'],
    ['at=yesterday', 'at'],
    ['within=soon', 'within'],
    ['view=VIEW_FULL&view=VIEW_FULL', 'view'],
    ['name=shelves/9/books/9', 'name'],
  ] as const) {
    assert.equal(violation('GetBook', { parameters: { p0: '1', p1: '2' }, query }), field, query);
  }
});

test('a body is one field, and the path adds to it', () => {
  const parts = { parameters: { p0: '1', p1: '2' }, query: 'updateMask=title', body: { title: 'Dune' } };
  const { book, updateMask } = message('UpdateBook', parts);
  assert.deepEqual([book, updateMask], [{ name: 'shelves/1/books/2', title: 'Dune', pages: 0 }, { paths: ['title'] }]);
  assert.equal(violation('UpdateBook', { ...parts, body: { name: 'shelves/8/books/8' } }), 'book.name');
  assert.equal(violation('UpdateBook', { ...parts, body: { author: 'x' } }), 'book.author');
  assert.equal(violation('UpdateBook', { ...parts, body: [] }), 'book');
});

test('a body where none is taken is refused', () => {
  assert.equal(violation('GetBook', { body: {} }), '');
});

test('a response can be one field of the message', () => {
  assert.deepEqual(binding('UpdateBook').responseJson({ book: { name: 'n', pages: 412 } }), {
    name: 'n',
    pages: '412',
  });
  assert.deepEqual(binding('UpdateBook').responseJson({ book: null }), {});
  assert.deepEqual(binding('GetBook').responseJson({ name: 'n', title: '', pages: 0 }), { name: 'n' });
});
