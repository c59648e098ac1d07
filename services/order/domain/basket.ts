// From what a customer put into a basket to what an order costs: each product once, at the catalogue's price.
// Sums are exact integers; what would leave their range, or the contract's, is refused.
import { notFound, RpcError } from '#kit';
import type { Product } from '#proto/fairlead/catalog/v1/product.ts';
import type { OrderItem } from '#proto/fairlead/order/v1/order.ts';
import type { BasketItem } from '#proto/fairlead/order/v1/order_service.ts';
import type { Money } from '#proto/fairlead/type/v1/money.ts';

/** Most pieces of one product in one order: what inventory and shipping take. */
const maxQuantity = 1_000;
/** Largest amount of money, in minor units: the contract's bound on Money. */
const maxUnits = 1_000_000_000_000;

/** What an order costs. */
export interface PricedOrder {
  readonly items: OrderItem[];
  readonly total: Money;
}

/**
 * Each product once, quantities added up, in the order of their first mention.
 *
 * @throws RpcError INVALID_ARGUMENT when there are too many of one
 */
export function mergeBasket(items: readonly BasketItem[]): BasketItem[] {
  const quantities = new Map<string, number>();
  for (const item of items) {
    const productId = item.productId.toLowerCase();
    quantities.set(productId, (quantities.get(productId) ?? 0) + item.quantity);
  }
  const merged = [...quantities].map(([productId, quantity]) => ({ productId, quantity }));
  const excess = merged.find(({ quantity }) => quantity > maxQuantity);
  if (excess === undefined) return merged;
  const description = `${excess.quantity} pieces of product ${excess.productId}: at most ${maxQuantity} fit into one order`;
  throw new RpcError('INVALID_ARGUMENT', description, {
    reason: 'QUANTITY_TOO_LARGE',
    fieldViolations: [{ field: 'items', description, reason: 'QUANTITY_TOO_LARGE' }],
  });
}

function priceOf(product: Product): Money {
  if (product.price !== null) return product.price;
  throw new RpcError('FAILED_PRECONDITION', `product ${product.productId} has no price`, { reason: 'NO_PRICE' });
}

/**
 * Prices a merged basket.
 *
 * @throws RpcError NOT_FOUND for unknown products; FAILED_PRECONDITION for two currencies or too large a sum
 */
export function priceBasket(basket: readonly BasketItem[], products: readonly Product[]): PricedOrder {
  const known = new Map(products.map((product) => [product.productId, product]));
  const unknown = basket.filter(({ productId }) => !known.has(productId)).map(({ productId }) => productId);
  if (unknown.length > 0) throw notFound('product', ...unknown);
  const items = basket.flatMap(({ productId, quantity }): OrderItem[] => {
    const product = known.get(productId);
    if (product === undefined) return [];
    const unitPrice = priceOf(product);
    const lineTotal = { currencyCode: unitPrice.currencyCode, units: unitPrice.units * quantity };
    return [{ productId, productName: product.name, quantity, unitPrice, lineTotal }];
  });
  const currencies = new Set(items.map((item) => item.unitPrice?.currencyCode ?? ''));
  if (currencies.size > 1) {
    const message = `an order is paid in one currency, not in ${[...currencies].sort().join(' and ')}; order them apart`;
    throw new RpcError('FAILED_PRECONDITION', message, { reason: 'MIXED_CURRENCIES' });
  }
  const units = items.reduce((sum, item) => sum + (item.lineTotal?.units ?? 0), 0);
  if (units > maxUnits) {
    throw new RpcError('FAILED_PRECONDITION', `the order costs more than one payment can be; order less`, {
      reason: 'ORDER_TOO_LARGE',
    });
  }
  return { items, total: { currencyCode: [...currencies][0] ?? '', units } };
}
