import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { CertificateAuthority } from './certificate-authority.ts';
import { spiffeUri } from './peer-certificate.ts';
import { WorkloadIdentity } from './workload-identity.ts';

const ID = 'spiffe://cluster.local/ns/shop/sa/checkout';

describe('the certificate authority', () => {
  it('signs what a SPIFFE X.509-SVID asks for', async () => {
    const authority = await CertificateAuthority.create({ trustDomain: 'cluster.local' });
    const issued = await authority.issue(ID);
    const certificate = new X509Certificate(issued.cert);
    const root = new X509Certificate(issued.ca[0] ?? '');
    assert.equal(certificate.subjectAltName, `URI:${ID}`);
    assert.equal(certificate.ca, false);
    assert.ok(certificate.checkIssued(root));
    assert.ok(certificate.verify(root.publicKey));
    assert.ok(root.ca);
    assert.equal(Math.round((certificate.validToDate.getTime() - Date.now()) / 3_600_000), 24);
  });

  it('signs with a new root after a rotation, and trusts the old one until told', async () => {
    const authority = await CertificateAuthority.create({ trustDomain: 'cluster.local' });
    const before = await authority.issue(ID);
    await authority.rotateRoot();
    const after = await authority.issue(ID);
    assert.equal(after.ca.length, 2);
    assert.ok(new X509Certificate(after.cert).verify(new X509Certificate(after.ca[0] ?? '').publicKey));
    assert.ok(new X509Certificate(before.cert).verify(new X509Certificate(after.ca[1] ?? '').publicKey));
    authority.forgetOldRoots();
    assert.equal(authority.trusted.length, 1);
  });

  it('renews an identity at half of its life, and tells', async () => {
    const authority = await CertificateAuthority.create({ trustDomain: 'cluster.local', lifetimeMs: 2000 });
    const identity = await WorkloadIdentity.create(authority, ID);
    const first = identity.certificate.cert;
    await new Promise<void>((resolve) => identity.onRenewed(resolve));
    assert.notEqual(identity.certificate.cert, first);
    identity.close();
  });
});

describe('the name in a certificate', () => {
  const rows: [names: string | undefined, uri: string | undefined][] = [
    [`URI:${ID}`, ID],
    [undefined, undefined],
    ['DNS:checkout', undefined],
    [`URI:${ID}, URI:spiffe://cluster.local/ns/shop/sa/admin`, undefined],
    [`DNS:a, URI:${ID}`, undefined],
    [`URI:"${ID}"`, undefined],
    ['URI:https://cluster.local/ns/shop/sa/checkout', undefined],
  ];
  for (const [names, uri] of rows)
    it(`${names}: ${uri ?? 'none'}`, () =>
      assert.equal(spiffeUri(names === undefined ? {} : { subjectaltname: names }), uri));
});
