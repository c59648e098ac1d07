// What the card behind a payment token answers. There is no bank behind this platform: these test cards are all there is.
// A token that is not listed is declined, so nothing is ever charged by accident.

/** What a card answers to a charge. */
export type CardAnswer =
  | { readonly kind: 'charged' | 'charged slowly' | 'unavailable' }
  | { readonly kind: 'declined'; readonly reason: string };

const cards: Readonly<Record<string, CardAnswer>> = {
  tok_approve: { kind: 'charged' },
  tok_slow: { kind: 'charged slowly' },
  tok_unavailable: { kind: 'unavailable' },
  tok_decline: { kind: 'declined', reason: 'CARD_DECLINED' },
  // Closes a request_id: sent where it is not known whether a charge went through, so that none can any more.
  tok_void: { kind: 'declined', reason: 'CHARGE_VOIDED' },
};

/** The answer of the card that the token stands for. */
export function answerOfCard(paymentToken: string): CardAnswer {
  return Object.hasOwn(cards, paymentToken) && cards[paymentToken] !== undefined
    ? cards[paymentToken]
    : { kind: 'declined', reason: 'CARD_UNKNOWN' };
}
