// The names that a new service has in the contract, in code and in the cluster, all made from the one that was asked for.

/** Names of a service `stock-count`. */
export interface ServiceNames {
  /** `stock-count`: folder, Kubernetes name, database. */
  readonly name: string;
  /** `stockcount`: domain, last but one part of the package. */
  readonly domain: string;
  /** `stock_count_service`: file of the contract. */
  readonly file: string;
  /** `StockCountService` */
  readonly service: string;
  /** `fairlead.stockcount.v1.StockCountService` */
  readonly contract: string;
}

const words = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const longest = 40;

/** @throws Error that says what a name looks like */
export function namesOf(name: string): ServiceNames {
  if (!words.test(name) || name.length > longest) {
    throw new Error(
      `'${name}' cannot be a service: a name is lower-case words with dashes between them, at most ${longest} characters, for example stock-count`,
    );
  }
  const domain = name.replaceAll('-', '');
  const pascal = name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
  const service = `${pascal}Service`;
  return {
    name,
    domain,
    file: `${name.replaceAll('-', '_')}_service`,
    service,
    contract: `fairlead.${domain}.v1.${service}`,
  };
}
