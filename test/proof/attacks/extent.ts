// `npm test` has a share of the attacks, which ends within moments; `npm run proof` has all of them, also those that a timeout ends.

/** Whether all attacks are run. */
export const everything: boolean = process.env.FAIRLEAD_ATTACKS === 'all';
