// The documented test cards, and that whatever else comes is declined.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerOfCard } from './test-cards.ts';

test('each documented card answers as documented', () => {
  assert.equal(answerOfCard('tok_approve').kind, 'charged');
  assert.equal(answerOfCard('tok_slow').kind, 'charged slowly');
  assert.equal(answerOfCard('tok_unavailable').kind, 'unavailable');
  assert.deepEqual(answerOfCard('tok_decline'), { kind: 'declined', reason: 'CARD_DECLINED' });
});

test('any other card is declined, also one that is named like a property of every object', () => {
  for (const token of ['tok_stolen', 'constructor', '__proto__', '']) {
    assert.deepEqual(answerOfCard(token), { kind: 'declined', reason: 'CARD_UNKNOWN' });
  }
});
