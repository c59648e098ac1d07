// Words and price ranges that made-up products are put together from.
// Order matters: a changed list changes every generated catalogue, and with it the ids that others may have stored.

/** One category of the generated catalogue. */
export interface Category {
  readonly name: string;
  /** Three letters that open the article number. */
  readonly code: string;
  readonly kinds: readonly string[];
  readonly materials: readonly string[];
  /** Cheapest and dearest price, in cents. */
  readonly price: readonly [number, number];
  readonly purpose: string;
}

export const styles: readonly string[] = [
  'Classic',
  'Compact',
  'Everyday',
  'Folding',
  'Heritage',
  'Lightweight',
  'Modern',
  'Nordic',
  'Pocket',
  'Pro',
  'Quiet',
  'Rugged',
  'Slim',
  'Studio',
  'Travel',
  'Weekend',
];

export const makers: readonly string[] = [
  'Alder & Finch',
  'Brightwater',
  'Corvina',
  'Dunmore',
  'Elmfield',
  'Fjordhus',
  'Greywether',
  'Halden',
  'Ironbridge',
  'Juniper Works',
];

export const categories: readonly Category[] = [
  {
    name: 'electronics',
    code: 'ELE',
    kinds: ['Headphones', 'Speaker', 'Keyboard', 'Charger', 'Webcam', 'Radio', 'Power Bank', 'Mouse'],
    materials: ['Aluminium', 'Graphite', 'Matt Black', 'Bamboo', 'Recycled Plastic'],
    price: [1_499, 39_999],
    purpose: 'for desk and road',
  },
  {
    name: 'books',
    code: 'BOO',
    kinds: ['Atlas', 'Cookbook', 'Novel', 'Field Guide', 'Notebook', 'Anthology', 'Chronicle', 'Handbook'],
    materials: ['Hardback', 'Paperback', 'Linen-Bound', 'Illustrated', 'Annotated'],
    price: [699, 5_999],
    purpose: 'for long evenings',
  },
  {
    name: 'home-garden',
    code: 'HOM',
    kinds: ['Lamp', 'Watering Can', 'Cushion', 'Planter', 'Clock', 'Blanket', 'Trowel', 'Vase'],
    materials: ['Oak', 'Ceramic', 'Wool', 'Terracotta', 'Brass'],
    price: [899, 18_999],
    purpose: 'for rooms and beds',
  },
  {
    name: 'kitchen',
    code: 'KIT',
    kinds: ['Skillet', 'Kettle', 'Chef Knife', 'Teapot', 'Cutting Board', 'Grinder', 'Mixing Bowl', 'Scale'],
    materials: ['Cast Iron', 'Stainless Steel', 'Copper', 'Walnut', 'Enamel'],
    price: [1_199, 22_999],
    purpose: 'for cooks in a hurry and cooks with time',
  },
  {
    name: 'sports',
    code: 'SPO',
    kinds: ['Backpack', 'Yoga Mat', 'Bottle', 'Tent', 'Helmet', 'Running Belt', 'Rope', 'Sleeping Bag'],
    materials: ['Ripstop', 'Cork', 'Titanium', 'Merino', 'Carbon'],
    price: [999, 44_999],
    purpose: 'for hills, halls and water',
  },
  {
    name: 'toys',
    code: 'TOY',
    kinds: ['Puzzle', 'Train Set', 'Kite', 'Marble Run', 'Board Game', 'Building Blocks', 'Puppet', 'Spinning Top'],
    materials: ['Beech', 'Cotton', 'Cardboard', 'Felt', 'Tin'],
    price: [599, 9_999],
    purpose: 'for players from three to ninety',
  },
  {
    name: 'clothing',
    code: 'CLO',
    kinds: ['Jacket', 'Scarf', 'Jumper', 'Socks', 'Cap', 'Gloves', 'Shirt', 'Raincoat'],
    materials: ['Merino', 'Organic Cotton', 'Linen', 'Waxed Canvas', 'Cashmere'],
    price: [999, 29_999],
    purpose: 'for weather of all kinds',
  },
  {
    name: 'office',
    code: 'OFF',
    kinds: ['Desk', 'Fountain Pen', 'Monitor Stand', 'Chair', 'Letter Tray', 'Desk Pad', 'Bookend', 'Stapler'],
    materials: ['Oak', 'Steel', 'Leather', 'Recycled Felt', 'Birch'],
    price: [799, 59_999],
    purpose: 'for work that should look easy',
  },
];
