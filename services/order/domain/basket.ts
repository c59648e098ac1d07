// From what a customer put into a basket to what an order costs: each product once, at the catalogue's price.
// Sums are exact integers; what would leave their range, or the contract's, is refused.
import { failedPrecondition, invalidField } from '#kit';
import type { Product } from '#proto/fairlead/catalog/v1/product.ts';
import type { OrderItem } from '#proto/fairlead/order/v1/order.ts';
import type { BasketItem } from '#proto/fairlead/order/v1/order_service.ts';

/** Most pieces of one product in one order: what inventory and shipping take. */
const maxQuantity = 1_000;
/** Largest amount of money, in minor units: the contract's bound on Money. */
const maxUnits = 1_000_000_000_000;

/**
 * Pieces by product, in the order of their first mention.
 *
 * @throws RpcError INVALID_ARGUMENT when there are too many of one
 */
export function mergeBasket(items: readonly BasketItem[]): Map<string, number> {
  const basket = new Map<string, number>();
  for (const item of items) {
    const productId = item.productId.toLowerCase();
    const quantity = (basket.get(productId) ?? 0) + item.quantity;
    if (quantity > maxQuantity) {
      const description = `${quantity} pieces of product ${productId}: at most ${maxQuantity} fit into one order`;
      throw invalidField('QUANTITY_TOO_LARGE', 'items', description);
    }
    basket.set(productId, quantity);
  }
  return basket;
}

function priceItem({ productId, name: productName, price }: Product, quantity: number): OrderItem {
  if (price === null) throw failedPrecondition('NO_PRICE', productId, `product ${productId} has no price`);
  return { productId, productName, quantity, unitPrice: price, lineTotal: { ...price, units: price.units * quantity } };
}

/**
 * Prices a basket.
 *
 * @throws RpcError FAILED_PRECONDITION for two currencies or too large a sum
 */
export function priceBasket(basket: ReadonlyMap<string, number>, products: readonly Product[]) {
  const items = products.map((product) => priceItem(product, basket.get(product.productId) ?? 0));
  const currencies = [...new Set(items.map(({ lineTotal }) => lineTotal?.currencyCode ?? ''))].sort();
  if (currencies.length > 1) {
    const description = `an order is paid in one currency, not in ${currencies.join(' and ')}; order them apart`;
    throw failedPrecondition('MIXED_CURRENCIES', 'items', description);
  }
  const units = items.reduce((sum, { lineTotal }) => sum + (lineTotal?.units ?? 0), 0);
  if (units > maxUnits) throw failedPrecondition('ORDER_TOO_LARGE', 'items', 'too much for one payment; order less');
  return { items, total: { currencyCode: currencies[0] ?? '', units } };
}
